import { type VolumeRollback, volumeRollbacks } from '#api/generated/definitions.ts';
import { addingFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { hasCode } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { applySwap } from '../claim-swap/apply-swap.ts';
import { holdClaim } from '../claim-swap/hold-claim.ts';
import { startConsumers, stopConsumers, uniquePods } from '../claim-swap/stop-consumers.ts';
import { SWAP_POLL_MS, type SwapJob } from '../claim-swap/swap-job.ts';
import * as say from './events.ts';
import { planRollback } from './plan.ts';
import type { RollbackPlan } from './plan-kinds.ts';
import { type Phase, ROLLBACK_FINALIZER, type RollbackStatus } from './rolled.ts';
import type { RollbackView } from './view.ts';

/** Brings one rollback a step further. */
export async function reconcileRollback(ctx: Ctx, view: RollbackView, rollback: VolumeRollback): Promise<Outcome> {
  try {
    return await applyPlan(ctx, view, { rollback, plan: planRollback(rollback, view) });
  } catch (thrown) {
    // why fine: what was planned from is older than what is there; the change wakes it
    if (hasCode(thrown, 'Aborted', 'NotFound', 'AlreadyExists')) return after(SWAP_POLL_MS, 'something changed meanwhile');
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
    case 'hold': {
      const other = await holdClaim(ctx, plan.claim, rollback);
      return other === undefined ? done : refuse(ctx, rollback, other);
    }
    case 'refuse':
      return refuse(ctx, rollback, plan.message);
    case 'stop':
      return stop(ctx, view, { rollback, next: plan.next });
    case 'start':
      return start(ctx, rollback, plan.next);
    default:
      return applySwap(ctx, jobOf(ctx, rollback), plan);
  }
}

async function refuse(ctx: Ctx, rollback: VolumeRollback, message: string): Promise<Outcome> {
  await record(ctx, rollback, { phase: 'Refused', message });
  ctx.events.record(say.refused(rollback, message));
  return done;
}

async function start(ctx: Ctx, rollback: VolumeRollback, next: Phase): Promise<Outcome> {
  await startConsumers(ctx, jobOf(ctx, rollback), rollback.status?.consumers ?? []);
  await enter(ctx, rollback, { phase: next });
  return done;
}

/** The next phase begins when nobody uses the claims any more. */
async function stop(
  ctx: Ctx,
  view: RollbackView,
  { rollback, next }: { readonly rollback: VolumeRollback; readonly next: Phase },
): Promise<Outcome> {
  const users = uniquePods((rollback.status?.claims ?? []).flatMap(({ claimName }) => view.usersOf(claimName)));
  const waitsFor = await stopConsumers(ctx, jobOf(ctx, rollback), { users, known: rollback.status?.consumers ?? [] });
  if (waitsFor === undefined) await record(ctx, rollback, { phase: next });
  return waitsFor === undefined || waitsFor === '' ? done : after(SWAP_POLL_MS, waitsFor);
}

function jobOf(ctx: Ctx, rollback: VolumeRollback): SwapJob {
  const { namespace = '', uid } = rollback.metadata;
  return { namespace, uid, message: rollback.status?.message, record: (status) => record(ctx, rollback, status) };
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
