import { type VolumeMove, volumeMoves } from '#api/generated/definitions.ts';
import type { Pod } from '#api/generated/kubernetes.ts';
import { addingFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode } from '#kit/errors.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { type AskProgress, percentOf, progressText } from '../../csi/populators/progress.ts';
import { applySwap, tryToMake } from '../claim-swap/apply-swap.ts';
import { holdClaim } from '../claim-swap/hold-claim.ts';
import { startConsumers, stopConsumers } from '../claim-swap/stop-consumers.ts';
import type { SwapStep } from '../claim-swap/swap-claim.ts';
import { SWAP_POLL_MS, type SwapJob, tell } from '../claim-swap/swap-job.ts';
import { copyPod, progressPlaceOf } from './drafts.ts';
import * as say from './events.ts';
import { isToAnotherNamespace, MOVE_FINALIZER, type MoveStatus, type Phase } from './moved.ts';
import { planMove } from './plan.ts';
import type { CopyStep, MovePlan } from './plan-kinds.ts';
import type { MoveView } from './view.ts';

/** What moves are worked with, beside the objects. */
export interface MoveDeps {
  /** The image of the pods that copy. */
  readonly image: string;
  readonly ask: AskProgress;
}

/** How far a copy is, is looked at this often. */
const PROGRESS_POLL_MS = 2_000;

/** Brings one move a step further. */
export async function reconcileMove(ctx: Ctx, deps: MoveDeps & { readonly view: MoveView }, move: VolumeMove): Promise<Outcome> {
  try {
    return await applyPlan(ctx, deps, { move, plan: planMove(move, deps.view, ctx.clock.nowMs()) });
  } catch (thrown) {
    // why fine: what was planned from is older than what is there; the change wakes it
    if (hasCode(thrown, 'Aborted', 'NotFound', 'AlreadyExists')) return after(SWAP_POLL_MS, 'something changed meanwhile');
    throw thrown;
  }
}

interface Order {
  readonly move: VolumeMove;
  readonly plan: MovePlan;
}

async function applyPlan(ctx: Ctx, deps: MoveDeps & { readonly view: MoveView }, { move, plan }: Order): Promise<Outcome> {
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'finalize':
    case 'release':
    case 'hold':
    case 'refuse':
      return applyEdge(ctx, move, plan);
    case 'record':
      return enter(ctx, move, plan.status);
    case 'stop':
      return stop(ctx, deps.view, { move, next: plan.next });
    case 'start':
      await startConsumers(ctx, jobOf(ctx, move), move.status?.consumers ?? []);
      return enter(ctx, move, { phase: plan.next });
    default:
      return applyCopy(ctx, deps, { move, plan });
  }
}

/** How a move begins, and how it goes. */
async function applyEdge(
  ctx: Ctx,
  move: VolumeMove,
  plan: Extract<MovePlan, { kind: 'finalize' | 'release' | 'hold' | 'refuse' }>,
): Promise<Outcome> {
  switch (plan.kind) {
    case 'finalize':
      return patch(ctx, move, addingFinalizer(move, MOVE_FINALIZER));
    case 'release':
      return patch(ctx, move, removingFinalizer(move, MOVE_FINALIZER));
    case 'hold': {
      const other = await holdClaim(ctx, plan.claim, move);
      return other === undefined ? done : enter(ctx, move, { phase: 'Refused', message: other });
    }
    case 'refuse':
      return enter(ctx, move, { phase: 'Refused', message: plan.message });
    default:
      return assertNever(plan);
  }
}

async function applyCopy(
  ctx: Ctx,
  deps: MoveDeps,
  { move, plan }: { readonly move: VolumeMove; readonly plan: SwapStep | CopyStep },
): Promise<Outcome> {
  switch (plan.kind) {
    case 'createPod':
      return tryToMake(jobOf(ctx, move), 'a pod', () => ctx.client.create(pods, copyPod(move, { round: plan.round, image: deps.image })));
    case 'deletePod':
      await ctx.client.delete(pods, keyOf(plan.pod), { uid: plan.pod.metadata.uid });
      return after(SWAP_POLL_MS, 'a pod goes');
    case 'watch':
      return watch(ctx, deps, { move, pod: plan.pod });
    default:
      return applySwap(ctx, jobOf(ctx, move), plan);
  }
}

/** The next phase begins when nobody uses the claim any more. */
async function stop(ctx: Ctx, view: MoveView, { move, next }: { readonly move: VolumeMove; readonly next: Phase }): Promise<Outcome> {
  const users = view.usersOf(move.spec.claimName);
  const waitsFor = await stopConsumers(ctx, jobOf(ctx, move), { users, known: move.status?.consumers ?? [] });
  if (waitsFor === undefined) return enter(ctx, move, { phase: next });
  return waitsFor === '' ? done : after(SWAP_POLL_MS, waitsFor);
}

async function watch(ctx: Ctx, { ask }: MoveDeps, { move, pod }: { readonly move: VolumeMove; readonly pod: Pod }): Promise<Outcome> {
  const progress = pod.status?.phase === 'Running' ? await ask(pod, progressPlaceOf(move), ctx.signal) : undefined;
  if (progress === undefined) {
    await tell(jobOf(ctx, move), waitText(pod));
    return after(PROGRESS_POLL_MS, 'waiting for the pod that copies');
  }
  const message = `${progressText(progress)} copied`;
  const { doneBytes, totalBytes } = progress;
  const copy = { doneBytes, ...(totalBytes === undefined ? {} : { totalBytes, percent: percentOf(progress) }) };
  if (move.status?.message !== message) await write(ctx, move, { message, copy });
  return after(PROGRESS_POLL_MS, 'waiting for the pod that copies');
}

function waitText({ metadata, status }: Pod): string {
  const { reason, message } = status?.containerStatuses?.[0]?.state?.waiting ?? {};
  const why = message ?? reason;
  if (status?.phase === 'Running') return 'it is looked at what is to be copied';
  return `pod ${metadata.name} starts, to copy${why === undefined ? '' : `: ${why}`}`;
}

/** Writes a new phase, and tells of the ends. */
async function enter(ctx: Ctx, move: VolumeMove, status: MoveStatus & { readonly phase: Phase }): Promise<Outcome> {
  const message = wordsFor(move, status);
  await write(ctx, move, { ...status, ...(message === undefined || message === '' ? {} : { message }) });
  const event = eventFor(move, { phase: status.phase, message });
  if (event !== undefined) ctx.events.record(event);
  return done;
}

function wordsFor(move: VolumeMove, { phase, message }: MoveStatus): string | undefined {
  if (phase === 'Refused') return message ?? move.status?.problem;
  return phase === 'Swapped' ? notesOf(move) : message;
}

function eventFor(
  move: VolumeMove,
  { phase, message = '' }: Pick<MoveStatus, 'phase'> & { readonly message: string | undefined },
): EventDraft | undefined {
  switch (phase) {
    case 'Swapped':
      return say.moved(move);
    case 'Confirmed':
      return say.confirmed(move);
    case 'Undone':
      return say.undone(move);
    case 'Refused':
      return say.refused(move, message);
    default:
      return undefined;
  }
}

/** What people do not expect of a claim that has moved. */
function notesOf({ status = {}, spec, ...move }: VolumeMove): string {
  const sets = (status.consumers ?? []).filter(({ kind }) => kind === 'StatefulSet').map(({ name }) => name);
  const isOther = spec.storageClassName !== undefined || spec.size !== undefined;
  const ofSets =
    isOther && !isToAnotherNamespace({ ...move, spec })
      ? sets.map((name) => `the volumeClaimTemplates of StatefulSet ${name} stay as they are: claims of new replicas are made as before`)
      : [];
  return [...(status.notes ?? []), ...ofSets].join('; ');
}

function jobOf(ctx: Ctx, move: VolumeMove): SwapJob {
  const { namespace = '', uid } = move.metadata;
  return { namespace, uid, message: move.status?.message, record: (status) => write(ctx, move, status) };
}

/** Writes status; a new phase takes the message of the former with it. */
async function write(ctx: Ctx, move: VolumeMove, status: MoveStatus): Promise<void> {
  const message = status.message ?? (status.phase === undefined || status.phase === move.status?.phase ? undefined : null);
  const body = {
    metadata: { resourceVersion: move.metadata.resourceVersion },
    status: { ...status, ...(message === undefined ? {} : { message }) },
  };
  await ctx.client.patch(volumeMoves, { key: keyOf(move), patch: { type: 'merge', body } }, { subresource: 'status' });
}

async function patch(ctx: Ctx, move: VolumeMove, body: object): Promise<Outcome> {
  await ctx.client.patch(volumeMoves, { key: keyOf(move), patch: { type: 'merge', body } });
  return done;
}
