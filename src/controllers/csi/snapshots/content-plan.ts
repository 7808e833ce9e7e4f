import type { VolumeSnapshotContent } from '#api/generated/definitions.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { BEING_CREATED, BEING_DELETED, CONTENT_FINALIZER, isOfGroup, snapshotHandleOf } from '#api/storage/snapshot.ts';
import { isMarked } from './content-notes.ts';

/** What is to be done for a content. */
export type ContentPlan =
  | { readonly kind: 'leave' }
  /** It is to stay until its driver has forgotten the snapshot. */
  | { readonly kind: 'protect' }
  /** The driver is asked to take the snapshot; asked again, it tells of the same one. */
  | { readonly kind: 'create'; readonly volumeId: string }
  /** It can't be asked for as it is. */
  | { readonly kind: 'refuse'; readonly problem: string }
  /** The driver is asked for a snapshot that has a name already. */
  | { readonly kind: 'check'; readonly snapshotId: string }
  /** The last word is known. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'delete'; readonly snapshotId: string }
  /** Nothing is left to be done at the driver. */
  | { readonly kind: 'letGo' };

/** Decides what comes next for `content`, in external-snapshotter's order (pkg/sidecar-controller syncContent). Pure. */
export function planContent(content: VolumeSnapshotContent): ContentPlan {
  if (isOfGroup(content)) return planMember(content);
  const isBeingCreated = isMarked(content, BEING_CREATED);
  const isReady = content.status?.readyToUse === true;
  if (isDeleting(content)) {
    const taking = planTaking(content);
    // why first: what the driver may have taken unheard is found by asking once more, and only then can be deleted
    return isBeingCreated && !isReady && taking.kind === 'create' ? taking : planDeletion(content);
  }
  if (!hasFinalizer(content, CONTENT_FINALIZER)) return { kind: 'protect' };
  if (isReady) return { kind: isBeingCreated ? 'settle' : 'leave' };
  return planTaking(content);
}

function planTaking(content: VolumeSnapshotContent): ContentPlan {
  const { volumeHandle } = content.spec.source;
  if (volumeHandle !== undefined)
    return isNobodys(content) ? { kind: 'refuse', problem: NOBODYS } : { kind: 'create', volumeId: volumeHandle };
  const snapshotId = snapshotHandleOf(content);
  return snapshotId === undefined ? { kind: 'leave' } : { kind: 'check', snapshotId };
}

/** At the driver it goes with its group, which tells it here. */
function planMember(content: VolumeSnapshotContent): ContentPlan {
  const isLetGo = isDeleting(content) && isMarked(content, BEING_DELETED) && hasFinalizer(content, CONTENT_FINALIZER);
  return { kind: isLetGo ? 'letGo' : 'leave' };
}

function planDeletion(content: VolumeSnapshotContent): ContentPlan {
  if (!hasFinalizer(content, CONTENT_FINALIZER)) return { kind: 'leave' };
  // why: its snapshot is there and wants it
  if (!isNobodys(content) && !isMarked(content, BEING_DELETED)) return { kind: 'leave' };
  const snapshotId = snapshotHandleOf(content);
  return content.spec.deletionPolicy === 'Delete' && snapshotId !== undefined ? { kind: 'delete', snapshotId } : { kind: 'letGo' };
}

/** The name of a snapshot at its driver is made of the uid: without one, several contents would have one snapshot. */
const NOBODYS =
  'spec.volumeSnapshotRef has no uid, and a content with a volumeHandle is made for one snapshot: create a VolumeSnapshot of the claim, which makes its content, or name the snapshotHandle of a snapshot that is there';

/** True until a snapshot has the content. */
function isNobodys({ spec }: VolumeSnapshotContent): boolean {
  return (spec.volumeSnapshotRef.uid ?? '') === '';
}
