import type { VolumeSnapshotContent } from '#api/generated/definitions.ts';
import { volumeSnapshotContents } from '#api/generated/definitions.ts';
import { removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { BEING_CREATED, CONTENT_FINALIZER, snapshotHandleOf } from '#api/storage/snapshot.ts';
import { formatTime } from '#kit/clock.ts';
import { type Ctx, after, done } from '#machinery/runtime/controller.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import type { Snapshot } from '#protocols/csi/generated/messages.ts';
import { askController, DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import type { Failure } from '../driver-work/failure.ts';
import { MENDING_POLL_MS, tryAgain } from '../driver-work/ladder.ts';
import type { DriverSteps, End } from '../driver-work/steps.ts';
import { isMarked } from './content-plan.ts';
import * as say from './events.ts';
import {
  type ContentOrder,
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

/** Nanoseconds in a second and in a millisecond. */
const [NS_PER_SEC, NS_PER_MS] = [1_000_000_000n, 1_000_000n];

/** How snapshots are taken, looked for and deleted. */
export function contentSteps(): ContentSteps {
  const capabilities = new DriverCapabilities(askController);
  return {
    create: {
      // why none: whether the same again helps, no code of CreateSnapshot says
      infeasible: new Set(),
      capabilities,
      away: (ctx, order, connected) => away(ctx, say.creationFailed(order.content, awayText(order, connected))),
      prepare: async (ctx, order) => ({ kind: 'ready', order: { ...order, content: await mark(ctx, order.content) } }),
      request: requestTaking,
      send: takeSnapshot,
      finish: (ctx, { content }, snapshot) => finish(ctx, content, snapshot),
      fail: (ctx, order, failure) => fail(ctx, order.content, { failure, event: say.creationFailed(order.content, failure.problem) }),
    },
    check: {
      infeasible: new Set(),
      capabilities,
      away: (ctx, order, connected) => away(ctx, say.checkFailed(order.content, awayText(order, connected))),
      prepare: async (_ctx, order) => ({ kind: 'ready', order }),
      request: requestLook,
      send: lookForSnapshot,
      finish: (ctx, { content }, snapshot) => finish(ctx, content, snapshot),
      fail: (ctx, order, failure) => fail(ctx, order.content, { failure, event: say.checkFailed(order.content, failure.problem) }),
    },
    delete: {
      infeasible: new Set(),
      capabilities: new DriverCapabilities(async () => undefined),
      away: (ctx, order, connected) => away(ctx, say.deletionFailed(order.content, awayText(order, connected))),
      prepare: async (_ctx, order) => ({ kind: 'ready', order }),
      request: requestSnapshotDeletion,
      send: deleteSnapshot,
      finish: async (ctx, { content }) => {
        await patchContent(ctx, content, removingFinalizer(content, CONTENT_FINALIZER));
        return done;
      },
      fail: async (ctx, { content }, { problem }) => {
        ctx.events.record(say.deletionFailed(content, problem));
        return tryAgain;
      },
    },
  };
}

function away(ctx: Ctx, event: EventDraft): ReturnType<typeof after> {
  ctx.events.record(event);
  return after(MENDING_POLL_MS, event.message);
}

function awayText({ driverName }: ContentOrder, connected: readonly string[]): string {
  return `the CSI driver ${JSON.stringify(driverName)} is not connected: start it (connected: ${connected.join(', ') || 'none'})`;
}

/** After a crash the annotation is the trace of what the driver may have taken, until it has a name. */
async function mark(ctx: Ctx, content: VolumeSnapshotContent): Promise<VolumeSnapshotContent> {
  if (isMarked(content, BEING_CREATED) || snapshotHandleOf(content) !== undefined) return content;
  return patchContent(ctx, content, { metadata: { annotations: { [BEING_CREATED]: 'yes' } } });
}

async function finish(ctx: Ctx, content: VolumeSnapshotContent, snapshot: Snapshot): Promise<End> {
  const isReady = snapshot.readyToUse === true;
  const size = snapshot.sizeBytes ?? 0n;
  const takenNs = content.status?.creationTime ?? timeNs(snapshot) ?? BigInt(ctx.clock.nowMs()) * NS_PER_MS;
  await patchStatus(ctx, content, {
    snapshotHandle: snapshot.snapshotId,
    creationTime: takenNs,
    readyToUse: isReady,
    ...(size > 0n ? { restoreSize: exact(size) } : {}),
    error: null,
  });
  // why also where it is not ready: it has a name now, by which it is found and deleted
  await settle(ctx, content);
  return isReady ? done : tryAgain;
}

function timeNs({ creationTime }: Snapshot): bigint | undefined {
  return creationTime === undefined ? undefined : creationTime.seconds * NS_PER_SEC + BigInt(creationTime.nanos);
}

function exact(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** Nothing is under way at the driver any more. */
export async function settle(ctx: Ctx, content: VolumeSnapshotContent): Promise<void> {
  if (isMarked(content, BEING_CREATED)) await patchContent(ctx, content, { metadata: { annotations: { [BEING_CREATED]: null } } });
}

async function fail(
  ctx: Ctx,
  content: VolumeSnapshotContent,
  { failure: { isFinal, error }, event }: { readonly failure: Failure; readonly event: EventDraft },
): Promise<End> {
  // why compared: what is known is neither written nor said again (external-snapshotter updateContentErrorStatusWithEvent)
  if (content.status?.error?.message !== event.message) {
    ctx.events.record(event);
    const said = { message: event.message, time: formatTime(ctx.clock.nowMs()) };
    await patchStatus(ctx, content, { readyToUse: false, error: said });
  }
  // why also then: after ResourceExhausted a driver may be at work (external-snapshotter isCSIFinalError)
  if (isFinal && error.code !== 'ResourceExhausted') await settle(ctx, content);
  return tryAgain;
}

/** A merge patch of the content. */
export function patchContent(ctx: Ctx, content: VolumeSnapshotContent, body: object): Promise<VolumeSnapshotContent> {
  return ctx.client.patch(volumeSnapshotContents, { key: keyOf(content), patch: { type: 'merge', body } });
}

function patchStatus(ctx: Ctx, content: VolumeSnapshotContent, status: object): Promise<VolumeSnapshotContent> {
  const patch = { type: 'merge', body: { status } } as const;
  return ctx.client.patch(volumeSnapshotContents, { key: keyOf(content), patch }, { subresource: 'status' });
}
