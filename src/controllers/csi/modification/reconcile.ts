import type { PersistentVolume, PersistentVolumeClaim, VolumeAttributesClass } from '#api/generated/kubernetes.ts';
import { formatKeyOf, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { attributesClassOf, volumeNameOf } from '#api/storage/claim.ts';
import { modificationConditionOf, modificationPatch, type ModificationReport } from '#api/storage/modification.ts';
import { assertNever } from '#kit/assert-never.ts';
import { formatTime } from '#kit/clock.ts';
import type { ErrorCode } from '#kit/error-codes.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { Attempts } from '../driver-work/attempts.ts';
import { grpcText, isFinal } from '../driver-work/driver-answers.ts';
import type { ConnectedDrivers } from '../driver-work/drivers.ts';
import { migrated } from '../../migrated-volume.ts';
import * as say from './events.ts';
import { ModificationUnsupported, type VolumeModifier } from './modify-volume.ts';
import { type ModificationPlan, planModification } from './plan.ts';

/** What modification looks at and works with. */
export interface ModificationParts {
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<VolumeAttributesClass>;
  readonly drivers: ConnectedDrivers;
  readonly modifier: VolumeModifier;
  readonly attempts: Attempts;
}

interface Step {
  readonly claim: PersistentVolumeClaim;
  readonly plan: Extract<ModificationPlan, { kind: 'modify' }>;
}

/** What a person has to mend is looked at this often, beside the wake-ups by what changes. */
const MENDING_POLL_MS = 60_000;

/** Brings the change of the attributes of one claim's volume a step further. */
export async function reconcileModification(ctx: Ctx, parts: ModificationParts, claim: PersistentVolumeClaim): Promise<Outcome> {
  const volumeName = volumeNameOf(claim);
  const plan = planModification(claim, {
    volume: volumeName === '' ? undefined : migrated(parts.volumes.get({ namespace: '', name: volumeName })),
    classNamed: (name) => parts.classes.get({ namespace: '', name }),
  });
  try {
    return await applyPlan(ctx, parts, { claim, plan });
  } catch (thrown) {
    // why: the claim or its volume went meanwhile; nothing is left to change
    if (hasCode(thrown, 'NotFound')) return done;
    throw thrown;
  }
}

async function applyPlan(
  ctx: Ctx,
  parts: ModificationParts,
  { claim, plan }: { readonly claim: PersistentVolumeClaim; readonly plan: ModificationPlan },
): Promise<Outcome> {
  switch (plan.kind) {
    case 'leave':
      parts.attempts.forget(formatKeyOf(claim));
      return done;
    case 'cancel':
      parts.attempts.forget(formatKeyOf(claim));
      await report(ctx, claim, { progress: undefined, conditions: [] });
      ctx.events.record(say.modifyCanceled(claim, plan.className));
      return done;
    case 'awaitClass':
      ctx.events.record(say.classMissing(claim, plan.className));
      await report(ctx, claim, { progress: { status: 'Pending', target: plan.className }, conditions: keptConditions(claim) });
      return after(MENDING_POLL_MS, 'waiting for the VolumeAttributesClass');
    case 'refuse':
      ctx.events.record(say.modifyFailed(claim, plan.problem));
      await report(ctx, claim, infeasible(plan.className, modifyError('InvalidArgument', plan.problem)));
      return after(MENDING_POLL_MS, plan.problem);
    case 'modify':
      return modify(ctx, parts, { claim, plan });
    default:
      return assertNever(plan);
  }
}

async function modify(ctx: Ctx, parts: ModificationParts, { claim, plan }: Step): Promise<Outcome> {
  const { attributesClass, driverName, volume } = plan;
  const { name } = attributesClass.metadata;
  const driver = parts.drivers.find(driverName);
  if (driver === undefined) {
    ctx.events.record(say.driverMissing(claim, driverName, parts.drivers.names()));
    return after(MENDING_POLL_MS, 'waiting for the driver');
  }
  const waitMs = parts.attempts.waitMs(formatKeyOf(claim), wishOf(claim, plan));
  if (waitMs > 0) return after(waitMs, 'waiting before the next try');
  // why before the call: after a crash the status tells what the driver may be at
  const current = plan.isNew || !isToldUnderWay(claim) ? await report(ctx, claim, started(claim, name)) : claim;
  ctx.events.record(say.modifying(current, volume, name));
  return callDriver(ctx, parts, { claim: current, plan, driver });
}

async function callDriver(ctx: Ctx, parts: ModificationParts, step: Step & { readonly driver: CsiClient }): Promise<Outcome> {
  const { claim, plan, driver } = step;
  const { name } = plan.attributesClass.metadata;
  try {
    await parts.modifier.modify(ctx, driver, plan);
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown;
    return failed(ctx, parts, { ...step, thrown });
  }
  parts.attempts.forget(formatKeyOf(claim));
  if (attributesClassOf(plan.volume.spec) !== name) {
    await ctx.client.patch(persistentVolumes, {
      key: keyOf(plan.volume),
      patch: { type: 'merge', body: { spec: { volumeAttributesClassName: name } } },
    });
  }
  await report(ctx, claim, { progress: undefined, current: name, conditions: [] });
  ctx.events.record(say.modified(claim, plan.volume, name));
  return done;
}

async function failed(ctx: Ctx, parts: ModificationParts, step: Step & { readonly thrown: unknown }): Promise<Outcome> {
  const { claim, plan, thrown } = step;
  const { name } = plan.attributesClass.metadata;
  const error = PlatformError.from(thrown);
  const problem = error instanceof ModificationUnsupported ? error.message : grpcText(error);
  ctx.events.record(say.modifyFailed(claim, problem));
  const isInfeasible = error.code === 'InvalidArgument';
  const condition = modifyError(error.code, problem);
  // why without the error's condition: nobody knows what the driver does, and this try must come to its end first
  const openTry: ModificationReport = {
    progress: { status: 'InProgress', target: name },
    conditions: [underWay(name, 'is still in progress.')],
  };
  const endedTry: ModificationReport = {
    progress: { status: 'InProgress', target: name },
    conditions: [underWay(name, 'failed. Waiting for retry.'), condition],
  };
  const what = isFinal(error) ? endedTry : openTry;
  await report(ctx, claim, isInfeasible ? infeasible(name, condition) : what);
  return after(parts.attempts.failed(formatKeyOf(claim), { ...wishOf(claim, plan), isInfeasible }), 'waiting before the next try');
}

type Condition = ModificationReport['conditions'][number];

function infeasible(target: string, condition: Condition): ModificationReport {
  return { progress: { status: 'Infeasible', target }, conditions: [condition] };
}

/** The condition's reason is the name of the driver's code, as upstream writes it. */
function modifyError(code: ErrorCode, message: string): Condition {
  return { type: 'ModifyVolumeError', reason: code, message };
}

/** A new try: how the last one of the same target ended stays to be seen until this one has ended. */
function started(claim: PersistentVolumeClaim, target: string): ModificationReport {
  const isRetry = claim.status?.modifyVolumeStatus?.targetVolumeAttributesClassName === target;
  const error = isRetry ? modificationConditionOf(claim, 'ModifyVolumeError') : undefined;
  const kept =
    error === undefined ? [] : [{ type: 'ModifyVolumeError', reason: error.reason ?? '', message: error.message ?? '' } as const];
  return { progress: { status: 'InProgress', target }, conditions: [underWay(target, 'is in progress.'), ...kept] };
}

function underWay(target: string, state: string): Condition {
  return { type: 'ModifyingVolume', message: `Modifying volume to ${JSON.stringify(target)} ${state}` };
}

function keptConditions(claim: PersistentVolumeClaim): ModificationReport['conditions'] {
  return (['ModifyingVolume', 'ModifyVolumeError'] as const).flatMap((type) => {
    const condition = modificationConditionOf(claim, type);
    return condition === undefined ? [] : [{ type, reason: condition.reason ?? '', message: condition.message ?? '' }];
  });
}

function isToldUnderWay(claim: PersistentVolumeClaim): boolean {
  return claim.status?.modifyVolumeStatus?.status === 'InProgress' && modificationConditionOf(claim, 'ModifyingVolume') !== undefined;
}

/** A class that was made anew under the same name is another wish. */
function wishOf(claim: PersistentVolumeClaim, { attributesClass }: Step['plan']): { readonly claimUid: string; readonly wish: string } {
  return { claimUid: claim.metadata.uid, wish: attributesClass.metadata.uid };
}

async function report(ctx: Ctx, claim: PersistentVolumeClaim, what: ModificationReport): Promise<PersistentVolumeClaim> {
  const body = modificationPatch(claim, what, formatTime(ctx.clock.nowMs()));
  return ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } }, { subresource: 'status' });
}
