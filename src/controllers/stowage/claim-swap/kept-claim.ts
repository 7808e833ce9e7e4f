import type { Node, PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { selectedNodeOf } from '#api/storage/claim.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { trusted } from '#kit/json.ts';

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

/** A claim as it is made again, without name and namespace. */
export type ClaimAgain = Pick<PersistentVolumeClaim, 'spec'> & { readonly metadata: Partial<PersistentVolumeClaim['metadata']> };

/** What {@link keptClaim} has kept. */
export function claimAgain(claim: Readonly<Record<string, unknown>>): ClaimAgain {
  // why trusted: `keptClaim` wrote it, and users can't write status
  return trusted(claim);
}

/** Where the old volume is the new one is made too, so that its pods find it where they were; `''` where it may be anywhere. */
export function nodeOfVolume(
  { claim, volume }: { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume },
  nodes: Iterable<Node>,
): string {
  const chosen = selectedNodeOf(claim);
  if (chosen !== '') return chosen;
  for (const node of nodes) if (isVolumeUsableOn(volume, node)) return node.metadata.name;
  return '';
}
