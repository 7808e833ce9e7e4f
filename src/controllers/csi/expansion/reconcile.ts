import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { formatKeyOf, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { growthConditionOf, growthPatch, type GrowthReport } from '#api/storage/growth.ts';
import { PRE_RESIZE_CAPACITY } from '#api/storage/names.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { bytesOf } from '#kit/quantity.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { Attempts } from '../driver-work/attempts.ts';
import { grpcText, isFinal } from '../driver-work/driver-answers.ts';
import type { ConnectedDrivers } from '../driver-work/drivers.ts';
import { migrated } from '../../migrated-volume.ts';
import * as say from './events.ts';
import { type GrownVolume, GrowthUnsupported, type VolumeGrower } from './grow-volume.ts';
import { type ExpansionPlan, planExpansion } from './plan.ts';

/** What expansion looks at and works with. */
export interface ExpansionParts {
  readonly volumes: Informer<PersistentVolume>;
  readonly pods: Informer<Pod>;
  readonly drivers: ConnectedDrivers;
  readonly grower: VolumeGrower;
  readonly attempts: Attempts;
  /** UIDs of claims whose driver refused to grow them while they are used; forgotten with the process, then it is asked once more. */
  readonly offlineOnly: Set<string>;
}

type Growth = Extract<ExpansionPlan, { kind: 'grow' }>;
interface Step {
  readonly claim: PersistentVolumeClaim;
  readonly plan: Growth;
}

/** What a person has to mend is looked at this often, beside the wake-ups by what changes. */
const MENDING_POLL_MS = 60_000;
const WAITING_FOR_NODE = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';

/** Brings the growth of one claim a step further. */
export async function reconcileExpansion(ctx: Ctx, parts: ExpansionParts, claim: PersistentVolumeClaim): Promise<Outcome> {
  const name = volumeNameOf(claim);
  const plan = planExpansion(claim, name === '' ? undefined : migrated(parts.volumes.get({ namespace: '', name })));
  try {
    if (plan.kind === 'grow') return await grow(ctx, parts, { claim, plan });
    forget(parts, claim);
    if (plan.kind === 'settle') await patchVolume(ctx, plan.volume, { metadata: { annotations: { [PRE_RESIZE_CAPACITY]: null } } });
    return done;
  } catch (thrown) {
    // why: the claim or its volume went meanwhile; nothing is left to grow
    if (hasCode(thrown, 'NotFound')) return done;
    throw thrown;
  }
}

/** The claim is gone: so is what was kept of it. */
export function forgetExpansion(parts: ExpansionParts, key: string): void {
  parts.attempts.forget(key);
}

async function grow(ctx: Ctx, parts: ExpansionParts, step: Step): Promise<Outcome> {
  const { claim, plan } = step;
  const driver = parts.drivers.find(plan.driverName);
  if (driver === undefined) {
    ctx.events.record(say.driverMissing(claim, plan.driverName, parts.drivers.names()));
    return after(MENDING_POLL_MS, 'waiting for the driver');
  }
  const waitMs = parts.attempts.waitMs(formatKeyOf(claim), { claimUid: claim.metadata.uid, wish: plan.size });
  if (waitMs > 0) return after(waitMs, 'waiting before the next try');
  // why: after a restart the waits are forgotten, and a node that failed must not be sent to work again and again without one
  if (plan.failed === 'node') tryLater(parts, step, { isInfeasible: false });
  const current = plan.isNew ? await report(ctx, claim, started(claim, plan)) : claim;
  if (parts.offlineOnly.has(claim.metadata.uid) && isUsed(parts, claim)) {
    ctx.events.record(say.offlineOnly(current, plan.driverName));
    return after(MENDING_POLL_MS, 'waiting until no pod uses the volume');
  }
  parts.offlineOnly.delete(claim.metadata.uid);
  ctx.events.record(say.resizing(current, plan.volume));
  return callDriver(ctx, parts, { claim: current, plan, driver });
}

async function callDriver(ctx: Ctx, parts: ExpansionParts, step: Step & { readonly driver: CsiClient }): Promise<Outcome> {
  let grown: GrownVolume;
  try {
    grown = await parts.grower.grow(ctx, step.driver, step.plan);
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown;
    return failed(ctx, parts, { ...step, thrown });
  }
  const { claim, plan } = step;
  await raiseCapacity(ctx, { claim, volume: plan.volume, grown });
  if (plan.failed !== 'node') forget(parts, claim);
  if (grown.needsNode) {
    await report(ctx, claim, { status: 'NodeResizePending', conditions: [{ type: 'FileSystemResizePending', message: WAITING_FOR_NODE }] });
    ctx.events.record(say.nodeResizeRequired(claim));
    return done;
  }
  await report(ctx, claim, { status: null, granted: grown.size, conditions: [] });
  ctx.events.record(say.resizeSucceeded(claim));
  return done;
}

/** The PersistentVolume says the new size from now on; while its filesystem has the old one, it says that too, for whoever binds it anew. */
async function raiseCapacity(
  ctx: Ctx,
  { claim, volume, grown }: { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume; readonly grown: GrownVolume },
): Promise<void> {
  if (capacityBytesOf(volume) >= bytesOf(grown.size)) return;
  const before = claim.status?.capacity?.['storage'];
  const isNoted = volume.metadata.annotations?.[PRE_RESIZE_CAPACITY] !== undefined;
  const note = grown.needsNode && !isNoted && before !== undefined ? { metadata: { annotations: { [PRE_RESIZE_CAPACITY]: before } } } : {};
  await patchVolume(ctx, volume, { ...note, spec: { capacity: { storage: grown.size } } });
}

async function failed(ctx: Ctx, parts: ExpansionParts, step: Step & { readonly thrown: unknown }): Promise<Outcome> {
  const { claim, plan, thrown } = step;
  const error = PlatformError.from(thrown);
  const problem = error instanceof GrowthUnsupported ? error.message : grpcText(error);
  if (error.code === 'FailedPrecondition') parts.offlineOnly.add(claim.metadata.uid);
  ctx.events.record(say.resizeFailed(claim, plan.volume, problem));
  const isInfeasible = INFEASIBLE.has(error.code);
  await report(ctx, claim, outcomeOf(claim, { isInfeasible, isFinal: isFinal(error), problem }));
  return tryLater(parts, step, { isInfeasible });
}

/** Codes that say that the driver will never make this size (external-resizer IsResizeInfeasibleError). */
const INFEASIBLE: ReadonlySet<PlatformError['code']> = new Set(['InvalidArgument', 'OutOfRange', 'NotFound']);

function outcomeOf(
  claim: PersistentVolumeClaim,
  failure: { readonly isInfeasible: boolean; readonly isFinal: boolean; readonly problem: string },
): GrowthReport {
  const resizing = growthConditionOf(claim, 'Resizing') === undefined ? [] : [{ type: 'Resizing' } as const];
  // why without the error's condition: nobody knows what the driver does, and the recorded size must come to its end first
  if (!failure.isFinal) return { status: 'ControllerResizeInProgress', conditions: resizing };
  const condition = { type: 'ControllerResizeError', message: `failed to expand pvc with ${failure.problem}` } as const;
  const status = failure.isInfeasible ? 'ControllerResizeInfeasible' : 'ControllerResizeInProgress';
  return { status, conditions: [...resizing, condition] };
}

function started(claim: PersistentVolumeClaim, { size, isNew }: Growth): GrowthReport {
  const error = isNew ? undefined : growthConditionOf(claim, 'ControllerResizeError');
  const kept = error === undefined ? [] : [{ type: 'ControllerResizeError', message: error.message ?? '' } as const];
  return { status: 'ControllerResizeInProgress', allocated: size, conditions: [{ type: 'Resizing' }, ...kept] };
}

function tryLater(parts: ExpansionParts, { claim, plan }: Step, { isInfeasible }: { readonly isInfeasible: boolean }): Outcome {
  const delayMs = parts.attempts.failed(formatKeyOf(claim), { claimUid: claim.metadata.uid, wish: plan.size, isInfeasible });
  return after(delayMs, 'waiting before the next try');
}

function forget(parts: ExpansionParts, claim: PersistentVolumeClaim): void {
  parts.offlineOnly.delete(claim.metadata.uid);
  parts.attempts.forget(formatKeyOf(claim));
}

function isUsed(parts: ExpansionParts, claim: PersistentVolumeClaim): boolean {
  return parts.pods.byIndex('claim', formatKeyOf(claim)).some(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
}

async function report(ctx: Ctx, claim: PersistentVolumeClaim, what: GrowthReport): Promise<PersistentVolumeClaim> {
  const body = growthPatch(claim, what, formatTime(ctx.clock.nowMs()));
  return ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } }, { subresource: 'status' });
}

function patchVolume(ctx: Ctx, volume: PersistentVolume, body: object): Promise<PersistentVolume> {
  return ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
}
