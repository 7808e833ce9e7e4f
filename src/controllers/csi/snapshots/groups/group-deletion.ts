import {
  type VolumeGroupSnapshot,
  volumeGroupSnapshotContents,
  volumeGroupSnapshots,
  volumeSnapshotContents,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { keyOf, type KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { GROUP_BEING_DELETED, GROUP_FINALIZER } from '#api/storage/group-snapshot.ts';
import { BEING_DELETED, SNAPSHOT_BOUND_FINALIZER, SNAPSHOT_IN_GROUP_FINALIZER, SNAPSHOT_SOURCE_FINALIZER } from '#api/storage/snapshot.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { MENDING_POLL_MS } from '../../driver-work/ladder.ts';
import { isMarked } from '../content-notes.ts';
import { contentNotes } from '../content-steps.ts';
import * as say from './events.ts';
import { groupContentNotes } from './group-content-steps.ts';
import type { GroupDeletionPlan } from './group-deletion-plan.ts';
import type { Member } from './group-view.ts';

/** Ours on a member. */
const MEMBER_FINALIZERS: readonly string[] = [SNAPSHOT_IN_GROUP_FINALIZER, SNAPSHOT_SOURCE_FINALIZER, SNAPSHOT_BOUND_FINALIZER];

/** One step of the way of a group that is to go. */
export async function applyGroupDeletion(ctx: Ctx, group: VolumeGroupSnapshot, plan: GroupDeletionPlan): Promise<Outcome> {
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'hold':
      ctx.events.record(say.deletePending(group, plan.problem));
      return after(MENDING_POLL_MS, plan.problem);
    case 'deleteMembers':
      for (const snapshot of plan.snapshots) await deleteOnce(ctx, volumeSnapshots, snapshot);
      return done;
    case 'markContent':
      await groupContentNotes.patch(ctx, plan.content, { metadata: { annotations: { [GROUP_BEING_DELETED]: 'yes' } } });
      return done;
    case 'deleteContent':
      await deleteOnce(ctx, volumeGroupSnapshotContents, plan.content);
      return done;
    case 'releaseMembers':
      for (const member of plan.members) await release(ctx, member);
      return done;
    case 'release':
      await patchFinalizers(
        ctx,
        group,
        (group.metadata.finalizers ?? []).filter((name) => name !== GROUP_FINALIZER),
      );
      return done;
    default:
      return assertNever(plan);
  }
}

/** A content goes by itself once it is told so: its driver is asked nothing, the group did that. One that is retained stays. */
async function release(ctx: Ctx, { snapshot, content }: Member): Promise<void> {
  const own = content?.spec.volumeSnapshotRef.uid === snapshot.metadata.uid ? content : undefined;
  if (own !== undefined && !isMarked(own, BEING_DELETED))
    await contentNotes.patch(ctx, own, { metadata: { annotations: { [BEING_DELETED]: 'yes' } } });
  if (own?.spec.deletionPolicy === 'Delete') {
    if (!isDeleting(own)) await deleteOnce(ctx, volumeSnapshotContents, own);
    return;
  }
  const { finalizers = [], resourceVersion } = snapshot.metadata;
  const kept = finalizers.filter((name) => !MEMBER_FINALIZERS.includes(name));
  if (kept.length === finalizers.length) return;
  const body = { metadata: { resourceVersion, finalizers: kept } };
  await ctx.client.patch(volumeSnapshots, { key: keyOf(snapshot), patch: { type: 'merge', body } });
}

async function deleteOnce<K extends KubeObject>(ctx: Ctx, resource: Resource<K>, object: K): Promise<void> {
  try {
    await ctx.client.delete(resource, keyOf(object), { uid: object.metadata.uid });
  } catch (thrown) {
    // why fine: it is gone, or another has its name
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}

/** Replaces the list as a whole: refused as a conflict where `group` is not the newest. */
export async function patchFinalizers(ctx: Ctx, group: VolumeGroupSnapshot, finalizers: readonly string[]): Promise<void> {
  const body = { metadata: { resourceVersion: group.metadata.resourceVersion, finalizers } };
  await ctx.client.patch(volumeGroupSnapshots, { key: keyOf(group), patch: { type: 'merge', body } });
}
