import type { Node, PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { selectedNodeOf } from '#api/storage/claim.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { writtenClaim } from '#api/storage/written-claim.ts';
import { trusted } from '#kit/json.ts';

/** What of a claim is kept to make it again: what people wrote, and who owns it. */
export function keptClaim(claim: PersistentVolumeClaim): Readonly<Record<string, unknown>> {
  const { metadata, spec } = writtenClaim(claim);
  return { metadata: { ...metadata, ownerReferences: claim.metadata.ownerReferences }, spec };
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
