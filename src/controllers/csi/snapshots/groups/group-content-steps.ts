import { type VolumeGroupSnapshotContent, volumeGroupSnapshotContents } from '#api/generated/definitions.ts';
import { GROUP_BEING_CREATED, GROUP_CONTENT_FINALIZER, groupHandleOf } from '#api/storage/group-snapshot.ts';
import { formatTime } from '#kit/clock.ts';
import { after, type Ctx, done } from '#machinery/runtime/controller.ts';
import type { Snapshot, VolumeGroupSnapshot } from '#protocols/csi/generated/messages.ts';
import { DriverCapabilities } from '../../driver-work/driver-capabilities.ts';
import { MENDING_POLL_MS, tryAgain } from '../../driver-work/ladder.ts';
import type { DriverSteps, End } from '../../driver-work/steps.ts';
import { awayText, ContentNotes } from '../content-notes.ts';
import { exact, momentNs, nsToMs } from '../csi-times.ts';
import * as say from './events.ts';
import {
  askGroupController,
  deleteGroup,
  type GroupDeletionWork,
  lookForGroup,
  type LookingForGroupWork,
  requestGroupDeletion,
  requestGroupLook,
  requestTakingGroup,
  takeGroup,
  type TakingGroupWork,
} from './take-group.ts';

/** What is done for contents of groups at their drivers. */
export interface GroupContentSteps {
  readonly create: DriverSteps<TakingGroupWork>;
  readonly check: DriverSteps<LookingForGroupWork>;
  readonly delete: DriverSteps<GroupDeletionWork>;
}

/** What is written about contents of groups. */
export const groupContentNotes = new ContentNotes<VolumeGroupSnapshotContent>({
  resource: volumeGroupSnapshotContents,
  finalizer: GROUP_CONTENT_FINALIZER,
  beingCreated: GROUP_BEING_CREATED,
});

/** How groups are taken, looked for and deleted. */
export function groupContentSteps(): GroupContentSteps {
  const capabilities = new DriverCapabilities(askGroupController);
  const notes = groupContentNotes;
  return {
    create: {
      // why none: whether the same again helps, no code of CreateVolumeGroupSnapshot says
      infeasible: new Set(),
      capabilities,
      away: (ctx, { content }, connected) => notes.away(ctx, content, say.creationFailed(content, awayText(content, connected))),
      prepare: async (ctx, order) => {
        const isAgain = notes.isBegun(order.content);
        return { kind: 'ready', order: { ...order, content: await begin(ctx, order.content), isAgain } };
      },
      request: requestTakingGroup,
      send: takeGroup,
      finish: (ctx, { content, volumeIds }, group) => finish(ctx, content, { group, volumeIds }),
      fail: (ctx, { content, isAgain }, failure) =>
        notes.fail(ctx, content, { failure, event: say.creationFailed(content, failure.problem), isAgain }),
    },
    check: {
      infeasible: new Set(),
      capabilities,
      away: (ctx, { content }, connected) => notes.away(ctx, content, say.checkFailed(content, awayText(content, connected))),
      prepare: async (ctx, order) => ({ kind: 'ready', order: { ...order, content: await notes.welcome(ctx, order.content) } }),
      request: requestGroupLook,
      send: lookForGroup,
      finish: (ctx, { content }, group) => finish(ctx, content, { group, volumeIds: [] }),
      fail: (ctx, { content }, failure) => notes.fail(ctx, content, { failure, event: say.checkFailed(content, failure.problem) }),
    },
    delete: {
      infeasible: new Set(),
      capabilities: new DriverCapabilities(async () => undefined),
      away: (ctx, { content }, connected) => {
        const event = say.deletionFailed(content, awayText(content, connected));
        ctx.events.record(event);
        return after(MENDING_POLL_MS, event.message);
      },
      prepare: async (_ctx, order) => ({ kind: 'ready', order }),
      request: requestGroupDeletion,
      send: deleteGroup,
      finish: async (ctx, { content }) => {
        await notes.letGo(ctx, content);
        return done;
      },
      fail: async (ctx, { content }, { problem }) => {
        ctx.events.record(say.deletionFailed(content, problem));
        return tryAgain;
      },
    },
  };
}

async function begin(ctx: Ctx, content: VolumeGroupSnapshotContent): Promise<VolumeGroupSnapshotContent> {
  const welcomed = await groupContentNotes.welcome(ctx, content);
  // why not then: what has a name is found and deleted by it
  return groupHandleOf(welcomed) === undefined ? groupContentNotes.mark(ctx, welcomed) : welcomed;
}

async function finish(
  ctx: Ctx,
  content: VolumeGroupSnapshotContent,
  { group, volumeIds }: { readonly group: VolumeGroupSnapshot; readonly volumeIds: readonly string[] },
): Promise<End> {
  const nowMs = ctx.clock.nowMs();
  const { snapshots = [], groupSnapshotId } = group;
  const missing = whatIsMissing(snapshots, volumeIds);
  const isReady = group.readyToUse === true && missing === undefined;
  const takenNs = momentNs(group.creationTime, nowMs);
  const error = missing === undefined ? null : { message: `Failed to create group snapshot: ${missing}`, time: formatTime(nowMs) };
  await groupContentNotes.patchStatus(ctx, content, {
    volumeGroupSnapshotHandle: groupSnapshotId,
    creationTime: content.status?.creationTime ?? formatTime(nsToMs(takenNs)),
    readyToUse: isReady,
    volumeSnapshotInfoList: snapshots.map((snapshot) => infoOf(snapshot, takenNs)),
    error,
  });
  // why also where it is not ready: it has a name now, by which it is found and deleted
  await groupContentNotes.settle(ctx, content);
  return isReady ? done : tryAgain;
}

/** A group without one of its volumes is not the group that was asked for. */
function whatIsMissing(snapshots: readonly Snapshot[], volumeIds: readonly string[]): string | undefined {
  const taken = new Set(snapshots.filter(({ snapshotId = '' }) => snapshotId !== '').map(({ sourceVolumeId }) => sourceVolumeId));
  const missing = volumeIds.filter((id) => !taken.has(id));
  if (missing.length > 0) return `the driver tells of no snapshot of ${missing.join(', ')}`;
  return taken.size === 0 ? 'the driver tells of no snapshot in the group' : undefined;
}

function infoOf(snapshot: Snapshot, groupTakenNs: bigint): object {
  const { snapshotId, sourceVolumeId, sizeBytes = 0n, creationTime, readyToUse = false } = snapshot;
  return {
    volumeHandle: sourceVolumeId,
    snapshotHandle: snapshotId,
    creationTime: exact(creationTime === undefined ? groupTakenNs : momentNs(creationTime, 0)),
    readyToUse,
    ...(sizeBytes > 0n ? { restoreSize: exact(sizeBytes) } : {}),
  };
}
