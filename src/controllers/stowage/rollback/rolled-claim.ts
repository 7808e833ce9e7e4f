import type { VolumeRollback } from '#api/generated/definitions.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { classOfClaim, leavesClassToDefault } from '#api/storage/claim.ts';
import { SELECTED_NODE } from '#api/storage/names.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import { HELD_BY, holderText } from '../claim-swap/hold-claim.ts';
import { claimAgain, nodeOfVolume } from '../claim-swap/kept-claim.ts';
import { newClaimName, ROLLED_BACK_TO, type RolledClaim } from './rolled.ts';

/** The claim as it is made again, with this volume, in the hands of its rollback. */
export function swappedClaim(
  rollback: VolumeRollback,
  rolled: RolledClaim,
  { volumeName, isBack }: { readonly volumeName: string; readonly isBack: boolean },
): Draft<PersistentVolumeClaim> {
  const { metadata, spec } = claimAgain(rolled.claim);
  const { namespace } = rollback.metadata;
  const goneBack = isBack ? {} : { [ROLLED_BACK_TO]: rolled.volumeSnapshotName };
  const annotations = { ...metadata.annotations, ...goneBack, [HELD_BY]: holderText(rollback) };
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
      // why: of older claims the class stands in an annotation alone
      ...(leavesClassToDefault(parts.oldClaim) ? {} : { storageClassName: classOfClaim(parts.oldClaim) }),
      resources: { requests: { storage } },
      dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: rolled.volumeSnapshotName },
    },
  };
}
