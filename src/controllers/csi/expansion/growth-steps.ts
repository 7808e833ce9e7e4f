import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { formatKeyOf, keyOf } from '#api/meta/object.ts';
import { persistentVolumes } from '#api/resources.ts';
import { PRE_RESIZE_CAPACITY } from '#api/storage/names.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import type { ErrorCode } from '#kit/error-codes.ts';
import { bytesOf } from '#kit/quantity.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done } from '#machinery/runtime/controller.ts';
import { DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import type { Failure } from '../driver-work/failure.ts';
import { MENDING_POLL_MS, tryAgain } from '../driver-work/ladder.ts';
import type { DriverSteps, End, Prepared } from '../driver-work/steps.ts';
import * as say from './events.ts';
import { askGrowth, growVolume, type GrownVolume, type GrowthOrder, type GrowthWork, requestGrowth } from './grow-volume.ts';
import { failedReport, reportGrowth, startedReport, waitsForNode } from './growth-report.ts';

/** Codes that say that the driver will never make this size (external-resizer IsResizeInfeasibleError). */
const INFEASIBLE: ReadonlySet<ErrorCode> = new Set(['InvalidArgument', 'OutOfRange', 'NotFound']);

/** What growth looks at beside its order. */
export interface GrowthView {
  readonly pods: Informer<Pod>;
  /** UIDs of claims whose driver refused to grow them while they are used; forgotten with the process, then it is asked once more. */
  readonly offlineOnly: Set<string>;
}

/** How a volume grows. */
export function growthSteps(view: GrowthView): DriverSteps<GrowthWork> {
  return {
    operation: 'expand_volume',
    infeasible: INFEASIBLE,
    capabilities: new DriverCapabilities(askGrowth),
    away: (ctx, { claim, driverName }, connected) => {
      ctx.events.record(say.driverMissing(claim, driverName, connected));
      return after(MENDING_POLL_MS, 'waiting for the driver');
    },
    prepare: (ctx, order) => prepare(ctx, view, order),
    request: requestGrowth,
    send: growVolume,
    finish,
    fail: (ctx, order, failure) => fail(ctx, view, { order, failure }),
  };
}

async function prepare(ctx: Ctx, { pods, offlineOnly }: GrowthView, order: GrowthOrder): Promise<Prepared<GrowthOrder>> {
  const claim = order.isNew ? await reportGrowth(ctx, order.claim, startedReport(order)) : order.claim;
  const { uid } = claim.metadata;
  if (offlineOnly.has(uid) && isUsed(pods, claim)) {
    ctx.events.record(say.offlineOnly(claim, order.driverName));
    return { kind: 'stop', outcome: after(MENDING_POLL_MS, 'waiting until no pod uses the volume') };
  }
  offlineOnly.delete(uid);
  ctx.events.record(say.resizing(claim, order.volume));
  return { kind: 'ready', order: { ...order, claim } };
}

async function finish(ctx: Ctx, order: GrowthOrder, grown: GrownVolume): Promise<End> {
  await raiseCapacity(ctx, order, grown);
  const { claim } = order;
  if (grown.needsNode) {
    await reportGrowth(ctx, claim, waitsForNode);
    ctx.events.record(say.nodeResizeRequired(claim));
    return done;
  }
  await reportGrowth(ctx, claim, { status: null, granted: grown.size, conditions: [] });
  ctx.events.record(say.resizeSucceeded(claim));
  return done;
}

async function fail(
  ctx: Ctx,
  { offlineOnly }: GrowthView,
  { order, failure }: { readonly order: GrowthOrder; readonly failure: Failure },
): Promise<End> {
  const { claim, volume } = order;
  if (failure.error.code === 'FailedPrecondition') offlineOnly.add(claim.metadata.uid);
  ctx.events.record(say.resizeFailed(claim, volume, failure.problem));
  await reportGrowth(ctx, claim, failedReport(claim, failure));
  return tryAgain;
}

/** The PersistentVolume says the new size from now on; while its filesystem has the old one, it says that too, for whoever binds it anew. */
async function raiseCapacity(ctx: Ctx, { claim, volume }: GrowthOrder, grown: GrownVolume): Promise<void> {
  if (capacityBytesOf(volume) >= bytesOf(grown.size)) return;
  const before = claim.status?.capacity?.['storage'];
  const isNoted = volume.metadata.annotations?.[PRE_RESIZE_CAPACITY] !== undefined;
  const note = grown.needsNode && !isNoted && before !== undefined ? { metadata: { annotations: { [PRE_RESIZE_CAPACITY]: before } } } : {};
  await patchVolume(ctx, volume, { ...note, spec: { capacity: { storage: grown.size } } });
}

/** A merge patch of the volume. */
export function patchVolume(ctx: Ctx, volume: PersistentVolume, body: object): Promise<PersistentVolume> {
  return ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
}

function isUsed(pods: Informer<Pod>, claim: PersistentVolumeClaim): boolean {
  return pods.byIndex('claim', formatKeyOf(claim)).some(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
}
