import type { VolumeSnapshotContent } from '#api/generated/definitions.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { BEING_CREATED, BEING_DELETED, CONTENT_FINALIZER, isOfGroup, snapshotHandleOf } from '#api/storage/snapshot.ts';

/** What is to be done for a content. */
export type ContentPlan =
  | { readonly kind: 'leave' }
  /** It is to stay until its driver has forgotten the snapshot. */
  | { readonly kind: 'protect' }
  /** The driver is asked to take the snapshot; asked again, it tells of the same one. */
  | { readonly kind: 'create'; readonly volumeId: string }
  /** The driver is asked for a snapshot that has a name already. */
  | { readonly kind: 'check'; readonly snapshotId: string }
  /** The last word is known. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'delete'; readonly snapshotId: string }
  /** Nothing is left to be done at the driver. */
  | { readonly kind: 'letGo' };

/** Decides what comes next for `content`, in external-snapshotter's order (pkg/sidecar-controller syncContent). Pure. */
export function planContent(content: VolumeSnapshotContent): ContentPlan {
  if (isOfGroup(content)) return { kind: 'leave' };
  const { volumeHandle } = content.spec.source;
  const isBeingCreated = isMarked(content, BEING_CREATED);
  const isReady = content.status?.readyToUse === true;
  if (isDeleting(content)) {
    // why first: what the driver may have taken unheard is found by asking once more, and only then can be deleted
    if (isBeingCreated && volumeHandle !== undefined && !isReady) return { kind: 'create', volumeId: volumeHandle };
    return planDeletion(content);
  }
  if (!hasFinalizer(content, CONTENT_FINALIZER)) return { kind: 'protect' };
  if (isReady) return { kind: isBeingCreated ? 'settle' : 'leave' };
  if (volumeHandle !== undefined) return { kind: 'create', volumeId: volumeHandle };
  const snapshotId = snapshotHandleOf(content);
  return snapshotId === undefined ? { kind: 'leave' } : { kind: 'check', snapshotId };
}

function planDeletion(content: VolumeSnapshotContent): ContentPlan {
  if (!hasFinalizer(content, CONTENT_FINALIZER)) return { kind: 'leave' };
  const { deletionPolicy, source, volumeSnapshotRef } = content.spec;
  const isLoose = source.snapshotHandle !== undefined && (volumeSnapshotRef.uid ?? '') === '';
  // why: its snapshot is there and wants it
  if (!isLoose && !isMarked(content, BEING_DELETED)) return { kind: 'leave' };
  const snapshotId = snapshotHandleOf(content);
  return deletionPolicy === 'Delete' && snapshotId !== undefined ? { kind: 'delete', snapshotId } : { kind: 'letGo' };
}

/** True where the annotation is there, whatever its value. */
export function isMarked({ metadata }: VolumeSnapshotContent, annotation: string): boolean {
  return metadata.annotations?.[annotation] !== undefined;
}
