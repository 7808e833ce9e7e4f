import type { VolumeRollback } from '#api/generated/definitions.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { selectedNodeOf } from '#api/storage/claim.ts';
import { SELECTED_NODE } from '#api/storage/names.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { trusted } from '#kit/json.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import { newClaimName, ROLLED_BACK_TO, type RolledClaim } from './rolled.ts';

/** What controllers have noted on a claim of its binding and provisioning, and kubectl of its last manifest's claim: begins anew. */
const NOTED = ['pv.kubernetes.io/', 'volume.kubernetes.io/', 'volume.beta.kubernetes.io/storage-provisioner', 'volumes.stowage.dev/'];

/** What of a claim is kept to make it again: what people wrote, and who owns it. */
export function keptClaim({ metadata, spec }: PersistentVolumeClaim): Readonly<Record<string, unknown>> {
  const { labels, ownerReferences } = metadata;
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([name]) => !NOTED.some((prefix) => name.startsWith(prefix))),
  );
  // why without its source: the volume that it gets is filled already
  const { volumeName: _volume, dataSource: _source, dataSourceRef: _reference, ...wanted } = spec;
  return { metadata: { labels, annotations, ownerReferences }, spec: wanted };
}

function claimAgain({
  claim,
}: RolledClaim): Pick<PersistentVolumeClaim, 'spec'> & { readonly metadata: Partial<PersistentVolumeClaim['metadata']> } {
  // why trusted: `keptClaim` wrote it, and users can't write status
  return trusted(claim);
}

/** The claim as it is made again, with this volume. */
export function swappedClaim(
  rolled: RolledClaim,
  { namespace, volumeName, isBack }: { readonly namespace: string; readonly volumeName: string; readonly isBack: boolean },
): Draft<PersistentVolumeClaim> {
  const { metadata, spec } = claimAgain(rolled);
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
  const { spec } = claimAgain(rolled);
  const { selector: _selector, ...wanted } = spec;
  const asked = bytesOf(spec.resources?.requests?.['storage'] ?? '0');
  const storage = formatBytes(asked > parts.restoreBytes ? asked : parts.restoreBytes);
  const { apiVersion, kind, metadata } = rollback;
  const node = parts.storageClass?.volumeBindingMode === 'WaitForFirstConsumer' ? nodeOf(parts) : '';
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

/** Where the old volume is the new one is made too, so that its pods find it where they were. */
function nodeOf({ oldClaim, oldVolume, nodes }: NewClaimParts): string {
  const chosen = selectedNodeOf(oldClaim);
  if (chosen !== '') return chosen;
  for (const node of nodes) if (isVolumeUsableOn(oldVolume, node)) return node.metadata.name;
  return '';
}
