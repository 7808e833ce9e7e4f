import { type VolumeMove, volumeMoves } from '#api/generated/definitions.ts';
import type { ObjectKey } from '#api/meta/object.ts';

/** The status of a move. */
export type MoveStatus = NonNullable<VolumeMove['status']>;
/** How far it is. */
export type Phase = NonNullable<MoveStatus['phase']>;

/** On a move: what it has begun is brought to an end before it goes. */
export const MOVE_FINALIZER = 'volumes.stowage.dev/move';
/** On a claim: the move that gave it its volume. */
export const MOVED_BY = 'volumes.stowage.dev/moved-by';

const FINAL: ReadonlySet<Phase> = new Set(['Confirmed', 'Undone', 'Refused']);

/** True where nothing is to be done for it any more. */
export function isFinal({ status }: VolumeMove): boolean {
  return status?.phase !== undefined && FINAL.has(status.phase);
}

/** The claim that the new volume is made for: the move's own. */
export function newClaimName({ metadata }: VolumeMove): string {
  return `move-${metadata.uid}`;
}

/** The two copies: while the claim is used, and of what has changed since. */
export type Round = 'first' | 'last';

/** The pod that copies. */
export function copyPodKey({ metadata }: VolumeMove, round: Round): ObjectKey {
  return { namespace: metadata.namespace ?? '', name: `move-${metadata.uid}-${round}` };
}

/** The namespace that the claim is to be in. */
export function targetNamespaceOf({ metadata, spec }: VolumeMove): string {
  return spec.targetNamespace ?? metadata.namespace ?? '';
}

/** True where the claim is to be in another namespace. */
export function isToAnotherNamespace(move: VolumeMove): boolean {
  return targetNamespaceOf(move) !== move.metadata.namespace;
}

/** True where the volume stays, and only its claim goes elsewhere. */
export function keepsVolume({ status }: VolumeMove): boolean {
  return status?.newVolume !== undefined && status.newVolume.name === status.oldVolume?.name;
}

/** True where the move made the object, to go with it. */
export function isOwnedBy(
  { metadata }: VolumeMove,
  object: { readonly metadata: { readonly ownerReferences?: readonly { readonly uid: string }[] | undefined } },
): boolean {
  return object.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true;
}

/** What makes an object the move's. */
export function ownerReferenceOf({ metadata }: VolumeMove) {
  const { group, version, kind } = volumeMoves;
  return { apiVersion: `${group}/${version}`, kind, name: metadata.name, uid: metadata.uid, controller: true };
}
