import type { VolumeRollback } from '#api/generated/definitions.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { SELECTED_NODE } from '#api/storage/names.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import { claimAgain, nodeOfVolume } from '../claim-swap/kept-claim.ts';
import { newClaimName, ROLLED_BACK_TO, type RolledClaim } from './rolled.ts';

/** The claim as it is made again, with this volume. */
export function swappedClaim(
  rolled: RolledClaim,
  { namespace, volumeName, isBack }: { readonly namespace: string; readonly volumeName: string; readonly isBack: boolean },
): Draft<PersistentVolumeClaim> {
  const { metadata, spec } = claimAgain(rolled.claim);
  const annotations = isBack ? metadata.annotations : { ...metadata.annotations, [ROLLED_BACK_TO]: rolled.volumeSnapshotName };
  return { metadata: { ...metadata, annotations, name: rolled.claimName, namespace }, spec: { ...spec, volumeName } };
}

/** What the new volume's claim is made from. */
export interface NewClaimParts {
  readonly index: number;
  readonly restoreBytes: bigint;
  readonly oldClaim: PersistentVolumeClaim;
  readonly oldVolume: PersistentVolume;
  readonly storageClass: StorageClass | undefined;
  readonly nodes: Iterable<Node>;
}

/** The claim for which the new volume is made from the snapshot; goes with the rollback. */
export function newClaim(rollback: VolumeRollback, rolled: RolledClaim, parts: NewClaimParts): Draft<PersistentVolumeClaim> {
  const { spec } = claimAgain(rolled.claim);
  const { selector: _selector, ...wanted } = spec;
  const asked = bytesOf(spec.resources?.requests?.['storage'] ?? '0');
  const storage = formatBytes(asked > parts.restoreBytes ? asked : parts.restoreBytes);
  const { apiVersion, kind, metadata } = rollback;
  const isLater = parts.storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const node = isLater ? nodeOfVolume({ claim: parts.oldClaim, volume: parts.oldVolume }, parts.nodes) : '';
  return {
    metadata: {
      name: newClaimName(rollback, parts.index),
      namespace: metadata.namespace,
      ...(node === '' ? {} : { annotations: { [SELECTED_NODE]: node } }),
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }],
    },
    spec: {
      ...wanted,
      resources: { requests: { storage } },
      dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: rolled.volumeSnapshotName },
    },
  };
}
