import { type VolumeSnapshotContent, volumeSnapshotContents } from '#api/generated/definitions.ts';
import { BEING_CREATED, CONTENT_FINALIZER, snapshotHandleOf } from '#api/storage/snapshot.ts';
import { type Ctx, after, done } from '#machinery/runtime/controller.ts';
import type { Snapshot } from '#protocols/csi/generated/messages.ts';
import { askController, DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import { MENDING_POLL_MS, tryAgain } from '../driver-work/ladder.ts';
import type { DriverSteps, End } from '../driver-work/steps.ts';
import { awayText, ContentNotes } from './content-notes.ts';
import { exact, momentNs } from './csi-times.ts';
import * as say from './events.ts';
import {
  deleteSnapshot,
  lookForSnapshot,
  type LookingWork,
  requestLook,
  requestSnapshotDeletion,
  requestTaking,
  type SnapshotDeletionWork,
  takeSnapshot,
  type TakingWork,
} from './take-snapshot.ts';

/** What is done for contents at their drivers. */
export interface ContentSteps {
  readonly create: DriverSteps<TakingWork>;
  readonly check: DriverSteps<LookingWork>;
  readonly delete: DriverSteps<SnapshotDeletionWork>;
}

/** What is written about contents. */
export const contentNotes = new ContentNotes<VolumeSnapshotContent>({
  resource: volumeSnapshotContents,
  finalizer: CONTENT_FINALIZER,
  beingCreated: BEING_CREATED,
});

/** How snapshots are taken, looked for and deleted. */
export function contentSteps(): ContentSteps {
  const capabilities = new DriverCapabilities(askController);
  const notes = contentNotes;
  return {
    create: {
      // why none: whether the same again helps, no code of CreateSnapshot says
      infeasible: new Set(),
      capabilities,
      away: (ctx, { content }, connected) => notes.away(ctx, content, say.creationFailed(content, awayText(content, connected))),
      prepare: async (ctx, order) => {
        const isAgain = notes.isBegun(order.content);
        return { kind: 'ready', order: { ...order, content: await begin(ctx, order.content), isAgain } };
      },
      request: requestTaking,
      send: takeSnapshot,
      finish: (ctx, { content }, snapshot) => finish(ctx, content, snapshot),
      fail: (ctx, { content, isAgain }, failure) =>
        notes.fail(ctx, content, { failure, event: say.creationFailed(content, failure.problem), isAgain }),
    },
    check: {
      infeasible: new Set(),
      capabilities,
      away: (ctx, { content }, connected) => notes.away(ctx, content, say.checkFailed(content, awayText(content, connected))),
      prepare: async (ctx, order) => ({ kind: 'ready', order: { ...order, content: await notes.welcome(ctx, order.content) } }),
      request: requestLook,
      send: lookForSnapshot,
      finish: (ctx, { content }, snapshot) => finish(ctx, content, snapshot),
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
      request: requestSnapshotDeletion,
      send: deleteSnapshot,
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

async function begin(ctx: Ctx, content: VolumeSnapshotContent): Promise<VolumeSnapshotContent> {
  const welcomed = await contentNotes.welcome(ctx, content);
  // why not then: what has a name is found and deleted by it
  return snapshotHandleOf(welcomed) === undefined ? contentNotes.mark(ctx, welcomed) : welcomed;
}

async function finish(ctx: Ctx, content: VolumeSnapshotContent, snapshot: Snapshot): Promise<End> {
  const isReady = snapshot.readyToUse === true;
  const size = snapshot.sizeBytes ?? 0n;
  await contentNotes.patchStatus(ctx, content, {
    snapshotHandle: snapshot.snapshotId,
    creationTime: content.status?.creationTime ?? momentNs(snapshot.creationTime, ctx.clock.nowMs()),
    readyToUse: isReady,
    ...(size > 0n ? { restoreSize: exact(size) } : {}),
    error: null,
  });
  // why also where it is not ready: it has a name now, by which it is found and deleted
  await contentNotes.settle(ctx, content);
  return isReady ? done : tryAgain;
}
