import { type VolumeRollback, volumeRollbacks } from '#api/generated/definitions.ts';
import type { Pod } from '#api/generated/kubernetes.ts';
import { addingFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { findConsumers, startConsumer, stopConsumer } from './consumers.ts';
import * as say from './events.ts';
import { planRollback } from './plan.ts';
import type { RollbackPlan } from './plan-kinds.ts';
import { type Consumer, type Phase, ROLLBACK_FINALIZER, type RollbackStatus } from './rolled.ts';
import type { SwapStep } from './swap-claim.ts';
import type { RollbackView } from './view.ts';

/** How soon what is waited for is looked at again where nothing else wakes it, in milliseconds. */
const POLL_MS = 5_000;

/** Brings one rollback a step further. */
export async function reconcileRollback(ctx: Ctx, view: RollbackView, rollback: VolumeRollback): Promise<Outcome> {
  try {
    return await applyPlan(ctx, view, { rollback, plan: planRollback(rollback, view) });
  } catch (thrown) {
    // why fine: what was planned from is older than what is there; the change wakes it
    if (hasCode(thrown, 'Aborted', 'NotFound', 'AlreadyExists')) return after(POLL_MS, 'something changed meanwhile');
    throw thrown;
  }
}

interface Order<P> {
  readonly rollback: VolumeRollback;
  readonly plan: P;
}

async function applyPlan(ctx: Ctx, view: RollbackView, { rollback, plan }: Order<RollbackPlan>): Promise<Outcome> {
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'finalize':
      await patch(ctx, rollback, addingFinalizer(rollback, ROLLBACK_FINALIZER));
      return done;
    case 'release':
      await patch(ctx, rollback, removingFinalizer(rollback, ROLLBACK_FINALIZER));
      return done;
    case 'record':
      await enter(ctx, rollback, plan.status);
      return done;
    case 'refuse':
      await record(ctx, rollback, { phase: 'Refused', message: plan.message });
      ctx.events.record(say.refused(rollback, plan.message));
      return done;
    case 'stop':
      return stop(ctx, view, { rollback, next: plan.next });
    case 'start':
      return start(ctx, rollback, plan.next);
    default:
      return applySwap(ctx, { rollback, plan });
  }
}

async function applySwap(ctx: Ctx, { rollback, plan }: Order<SwapStep>): Promise<Outcome> {
  switch (plan.kind) {
    case 'wait':
      if (rollback.status?.message !== plan.message) await record(ctx, rollback, { message: plan.message });
      return after(POLL_MS, plan.message);
    case 'createClaim':
      return createClaim(ctx, { rollback, plan });
    case 'deleteClaim':
      await ctx.client.delete(persistentVolumeClaims, keyOf(plan.claim), { uid: plan.claim.metadata.uid });
      return after(POLL_MS, 'a claim goes');
    case 'patchVolume': {
      const body = withVersion(plan.body, plan.volume.metadata.resourceVersion);
      await ctx.client.patch(persistentVolumes, { key: keyOf(plan.volume), patch: { type: 'merge', body } });
      return after(POLL_MS, 'a volume changes');
    }
    default:
      return assertNever(plan);
  }
}

/** A refusal, as by a quota, is told in the status; it is tried again. */
async function createClaim(ctx: Ctx, { rollback, plan }: Order<Extract<SwapStep, { kind: 'createClaim' }>>): Promise<Outcome> {
  try {
    await ctx.client.create(persistentVolumeClaims, plan.draft);
    return after(POLL_MS, 'a claim is made');
  } catch (thrown) {
    if (!hasCode(thrown, 'PermissionDenied', 'FailedPrecondition', 'InvalidArgument')) throw thrown;
    const message = `a claim can not be made: ${PlatformError.from(thrown).message}`;
    if (rollback.status?.message !== message) await record(ctx, rollback, { message });
    return after(POLL_MS, message);
  }
}

async function start(ctx: Ctx, rollback: VolumeRollback, next: Phase): Promise<Outcome> {
  const { namespace = '', uid } = rollback.metadata;
  for (const consumer of rollback.status?.consumers ?? []) await startConsumer(ctx, { namespace, uid }, consumer);
  await enter(ctx, rollback, { phase: next });
  return done;
}

/** Who uses the claims is noted first, then stopped; the next phase begins when nobody uses them any more. */
async function stop(
  ctx: Ctx,
  view: RollbackView,
  { rollback, next }: { readonly rollback: VolumeRollback; readonly next: Phase },
): Promise<Outcome> {
  const { namespace = '', uid } = rollback.metadata;
  const known = rollback.status?.consumers ?? [];
  const users = usersOf(rollback, view);
  const { consumers, strangers } = await findConsumers(ctx, users);
  const fresh = consumers.filter((consumer) => !known.some((other) => other.uid === consumer.uid));
  if (fresh.length > 0) {
    await record(ctx, rollback, { consumers: [...known, ...fresh] });
    return done;
  }
  for (const consumer of known) await stopConsumer(ctx, { namespace, uid }, consumer);
  if (users.length === 0) {
    await record(ctx, rollback, { phase: next });
    return done;
  }
  const message = waitText(users, known, strangers);
  if (rollback.status?.message !== message) await record(ctx, rollback, { message });
  return after(POLL_MS, message);
}

function usersOf(rollback: VolumeRollback, view: RollbackView): readonly Pod[] {
  const users = (rollback.status?.claims ?? []).flatMap(({ claimName }) => view.usersOf(claimName));
  return [...new Map(users.map((pod) => [pod.metadata.uid, pod])).values()];
}

function waitText(users: readonly Pod[], known: readonly Consumer[], strangers: readonly string[]): string {
  if (strangers.length > 0) return `stop them yourself, they are not known here: ${strangers.join(', ')}`;
  const names = users.map(({ metadata }) => metadata.name).join(', ');
  return `stopping ${known.map(({ kind, name }) => `${kind} ${name}`).join(', ')}: pods ${names} end`;
}

/** Writes a new phase, and tells of the ends. */
async function enter(ctx: Ctx, rollback: VolumeRollback, status: Partial<RollbackStatus> & { readonly phase: Phase }): Promise<void> {
  await record(ctx, rollback, status);
  const claims = (rollback.status?.claims ?? []).map(({ claimName }) => claimName).join(', ');
  if (status.phase === 'Swapped') ctx.events.record(say.rolledBack(rollback, claims));
  if (status.phase === 'Confirmed') ctx.events.record(say.confirmed(rollback, claims));
  if (status.phase === 'Undone') ctx.events.record(say.undone(rollback, claims));
}

/** Writes status; a new phase takes the message of the former with it. */
async function record(ctx: Ctx, rollback: VolumeRollback, status: Partial<RollbackStatus>): Promise<void> {
  const message = status.message ?? (status.phase === undefined ? undefined : null);
  const body = {
    metadata: { resourceVersion: rollback.metadata.resourceVersion },
    status: { ...status, ...(message === undefined ? {} : { message }) },
  };
  await ctx.client.patch(volumeRollbacks, { key: keyOf(rollback), patch: { type: 'merge', body } }, { subresource: 'status' });
}

async function patch(ctx: Ctx, rollback: VolumeRollback, body: object): Promise<void> {
  await ctx.client.patch(volumeRollbacks, { key: keyOf(rollback), patch: { type: 'merge', body } });
}

/** A write that is refused where what it was planned from is no longer there. */
function withVersion(body: object, resourceVersion: string): object {
  const metadata = 'metadata' in body && typeof body.metadata === 'object' ? body.metadata : {};
  return { ...body, metadata: { ...metadata, resourceVersion } };
}
