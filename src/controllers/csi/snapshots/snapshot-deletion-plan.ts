import type { VolumeSnapshot, VolumeSnapshotContent } from '#api/generated/definitions.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { BEING_DELETED, SNAPSHOT_BOUND_FINALIZER, SNAPSHOT_SOURCE_FINALIZER } from '#api/storage/snapshot.ts';
import { isMarked } from './content-notes.ts';
import type { SnapshotView } from './snapshot-view.ts';

/** What is to be done for a snapshot that is to go. */
export type SnapshotDeletionPlan =
  | { readonly kind: 'leave' }
  /** A claim is being filled from it. */
  | { readonly kind: 'hold'; readonly problem: string }
  /** Its content is told that it goes. */
  | { readonly kind: 'markContent'; readonly content: VolumeSnapshotContent }
  | { readonly kind: 'deleteContent'; readonly content: VolumeSnapshotContent }
  /** These are not to be on it any more. */
  | { readonly kind: 'release'; readonly finalizers: readonly string[] };

/** In external-snapshotter's order (processSnapshotWithDeletionTimestamp). Pure. */
export function planSnapshotDeletion(snapshot: VolumeSnapshot, { content, restores }: SnapshotView): SnapshotDeletionPlan {
  const ours = [SNAPSHOT_SOURCE_FINALIZER, SNAPSHOT_BOUND_FINALIZER].filter((name) => hasFinalizer(snapshot, name));
  if (ours.length === 0) return { kind: 'leave' };
  if (restores.length > 0) {
    const names = restores.map(({ metadata }) => metadata.name).join(', ');
    return {
      kind: 'hold',
      problem: `Snapshot is being used to restore the claims ${names}: it goes when they have their volumes or are deleted`,
    };
  }
  const own = content?.spec.volumeSnapshotRef.uid === snapshot.metadata.uid ? content : undefined;
  if (own !== undefined && !isMarked(own, BEING_DELETED)) return { kind: 'markContent', content: own };
  const goesAlong = own?.spec.deletionPolicy === 'Delete';
  if (own !== undefined && goesAlong && !isDeleting(own)) return { kind: 'deleteContent', content: own };
  // why one stays: the snapshot tells of what its driver still has
  const released = ours.filter((name) => name !== SNAPSHOT_BOUND_FINALIZER || !goesAlong);
  return released.length === 0 ? { kind: 'leave' } : { kind: 'release', finalizers: released };
}
