import type { VolumeGroupSnapshot, VolumeGroupSnapshotContent, VolumeSnapshot } from '#api/generated/definitions.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { GROUP_BEING_DELETED, GROUP_FINALIZER } from '#api/storage/group-snapshot.ts';
import { isMarked } from '../content-notes.ts';
import type { GroupView, Member } from './group-view.ts';

/** What is to be done for a group that is to go. */
export type GroupDeletionPlan =
  | { readonly kind: 'leave' }
  /** A claim is being filled from a member. */
  | { readonly kind: 'hold'; readonly problem: string }
  /** Nothing is to be made from these any more. */
  | { readonly kind: 'deleteMembers'; readonly snapshots: readonly VolumeSnapshot[] }
  /** Its content is told that it goes. */
  | { readonly kind: 'markContent'; readonly content: VolumeGroupSnapshotContent }
  | { readonly kind: 'deleteContent'; readonly content: VolumeGroupSnapshotContent }
  /** Its driver has what it keeps: the objects may go. */
  | { readonly kind: 'releaseMembers'; readonly members: readonly Member[] }
  | { readonly kind: 'release' };

/** In order: members are not used any more, the driver has forgotten them, they go, the group goes. Pure. */
export function planGroupDeletion(group: VolumeGroupSnapshot, { content, members, restores }: GroupView): GroupDeletionPlan {
  if (!hasFinalizer(group, GROUP_FINALIZER)) return { kind: 'leave' };
  if (restores.length > 0) {
    const names = restores.map(({ metadata }) => metadata.name).join(', ');
    return {
      kind: 'hold',
      problem: `Snapshots of the group are being used to restore the claims ${names}: it goes when they have their volumes or are deleted`,
    };
  }
  const living = members.map(({ snapshot }) => snapshot).filter((snapshot) => !isDeleting(snapshot));
  if (living.length > 0) return { kind: 'deleteMembers', snapshots: living };
  const own = content?.spec.volumeGroupSnapshotRef.uid === group.metadata.uid ? content : undefined;
  if (own !== undefined && !isMarked(own, GROUP_BEING_DELETED)) return { kind: 'markContent', content: own };
  if (own?.spec.deletionPolicy === 'Delete') return isDeleting(own) ? { kind: 'leave' } : { kind: 'deleteContent', content: own };
  return members.length > 0 ? { kind: 'releaseMembers', members } : { kind: 'release' };
}
