import type { KubeObject, OwnerReference } from '#api/meta/object.ts';

/** Holds a deleted object until the dependents that block it are gone (meta/v1 `FinalizerDeleteDependents`). */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
/** Holds a deleted object until its dependents are set free (meta/v1 `FinalizerOrphanDependents`). */
export const ORPHAN_FINALIZER = 'orphan';

/** The owners that an object names. */
export function ownersOf(object: KubeObject): readonly OwnerReference[] {
  return object.metadata.ownerReferences ?? [];
}

/** True for a deleted object that waits for the end of its dependents. */
export function isDeletingDependents({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(FOREGROUND_FINALIZER);
}

/** True for a deleted object whose dependents are to stay. */
export function isOrphaningDependents({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(ORPHAN_FINALIZER);
}

/** True where `dependent` keeps the object `uid` from going before it. */
export function blocks(dependent: KubeObject, uid: string): boolean {
  return ownersOf(dependent).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true);
}
