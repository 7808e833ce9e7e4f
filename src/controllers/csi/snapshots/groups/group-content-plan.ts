import type { VolumeGroupSnapshotContent } from '#api/generated/definitions.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import {
  GROUP_BEING_CREATED,
  GROUP_BEING_DELETED,
  GROUP_CONTENT_FINALIZER,
  groupHandleOf,
  memberHandlesOf,
} from '#api/storage/group-snapshot.ts';
import { isMarked } from '../content-notes.ts';

/** A group as its driver knows it. */
export interface GroupHandles {
  readonly groupId: string;
  readonly snapshotIds: readonly string[];
}

/** What is to be done for the content of a group. */
export type GroupContentPlan =
  | { readonly kind: 'leave' }
  /** It is to stay until its driver has forgotten the group. */
  | { readonly kind: 'protect' }
  /** The driver is asked to take the group; asked again, it tells of the same one. */
  | { readonly kind: 'create'; readonly volumeIds: readonly string[] }
  /** It can't be asked for as it is. */
  | { readonly kind: 'refuse'; readonly problem: string }
  /** The driver is asked for a group that has a name already. */
  | { readonly kind: 'check'; readonly handles: GroupHandles }
  /** The last word is known. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'delete'; readonly handles: GroupHandles }
  /** Nothing is left to be done at the driver. */
  | { readonly kind: 'letGo' };

/** Decides what comes next for `content`, as {@link planContent} does for that of one snapshot (pkg/sidecar-controller syncGroupSnapshotContent). Pure. */
export function planGroupContent(content: VolumeGroupSnapshotContent): GroupContentPlan {
  const isBeingCreated = isMarked(content, GROUP_BEING_CREATED);
  const isReady = content.status?.readyToUse === true;
  if (isDeleting(content)) {
    const taking = planTaking(content);
    // why first: what the driver may have taken unheard is found by asking once more, and only then can be deleted
    return isBeingCreated && !isReady && taking.kind === 'create' ? taking : planDeletion(content);
  }
  if (!hasFinalizer(content, GROUP_CONTENT_FINALIZER)) return { kind: 'protect' };
  if (isReady) return { kind: isBeingCreated ? 'settle' : 'leave' };
  return planTaking(content);
}

function planTaking(content: VolumeGroupSnapshotContent): GroupContentPlan {
  const { volumeHandles } = content.spec.source;
  if (volumeHandles !== undefined)
    return isNobodys(content) ? { kind: 'refuse', problem: NOBODYS } : { kind: 'create', volumeIds: volumeHandles };
  const handles = handlesOf(content);
  return handles === undefined ? { kind: 'leave' } : { kind: 'check', handles };
}

function planDeletion(content: VolumeGroupSnapshotContent): GroupContentPlan {
  if (!hasFinalizer(content, GROUP_CONTENT_FINALIZER)) return { kind: 'leave' };
  // why: its group is there and wants it
  if (!isNobodys(content) && !isMarked(content, GROUP_BEING_DELETED)) return { kind: 'leave' };
  const handles = handlesOf(content);
  return content.spec.deletionPolicy === 'Delete' && handles !== undefined ? { kind: 'delete', handles } : { kind: 'letGo' };
}

function handlesOf(content: VolumeGroupSnapshotContent): GroupHandles | undefined {
  const groupId = groupHandleOf(content);
  return groupId === undefined ? undefined : { groupId, snapshotIds: memberHandlesOf(content) };
}

/** The name of a group at its driver is made of the uid: without one, several contents would have one group. */
const NOBODYS =
  'spec.volumeGroupSnapshotRef has no uid, and a content with volumeHandles is made for one group: create a VolumeGroupSnapshot with a selector, which makes its content, or name the groupSnapshotHandles of a group that is there';

/** True until a group has the content. */
function isNobodys({ spec }: VolumeGroupSnapshotContent): boolean {
  return (spec.volumeGroupSnapshotRef.uid ?? '') === '';
}
