import type { VolumeMove } from '#api/generated/definitions.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { isHeldBy, letGo } from '../claim-swap/hold-claim.ts';
import { wait } from '../claim-swap/swap-claim.ts';
import { settle } from '../claim-swap/swap-volumes.ts';
import { movedClaim } from './begin.ts';
import { dropPods, planCopy } from './copy.ts';
import { isFinal, isToAnotherNamespace, keepsVolume, MOVE_FINALIZER, type MoveStatus, type Phase } from './moved.ts';
import type { MovePlan } from './plan-kinds.ts';
import { prepare, whileRead } from './prepare.ts';
import { swap, swapBack } from './swap-moved.ts';
import { canCopyLive } from './target.ts';
import type { MoveView } from './view.ts';

const leave: MovePlan = { kind: 'leave' };

/** What is looked at, and when. */
interface Sight extends MoveView {
  readonly nowMs: number;
}

type Step = (move: VolumeMove, view: Sight) => MovePlan;

/** What is done in each phase that has work. */
const STEPS: Readonly<Partial<Record<Phase, Step>>> = {
  Preparing: (move, view) => prepare(move, view) ?? gone(move, view) ?? record(canRead(move, view) ? 'Copying' : 'Stopping'),
  Copying: (move, { nowMs, ...view }) => gone(move, view) ?? copyLive(move, view, nowMs),
  Stopping: (move, view) =>
    whileRead(move, view) ?? dropPods(move, view) ?? { kind: 'stop', next: keepsVolume(move) ? 'Swapping' : 'Finishing' },
  Finishing: (move, { nowMs, ...view }) =>
    gone(move, view) ?? again(move, view) ?? planCopy(move, view, { round: 'last', next: 'Swapping', nowMs }),
  Swapping: (move, view) =>
    again(move, view) ?? dropPods(move, view) ?? swap(move, view) ?? record(isToAnotherNamespace(move) ? 'Swapped' : 'Starting'),
  Starting: () => ({ kind: 'start', next: 'Swapped' }),
  Swapped: (move, view) => decided(move, view),
  UndoStopping: () => ({ kind: 'stop', next: 'UndoSwapping' }),
  UndoSwapping: (move, view) => dropPods(move, view) ?? swapBack(move, view) ?? record('UndoStarting'),
  UndoStarting: ({ status }) => ({ kind: 'start', next: status?.problem === undefined ? 'Undone' : 'Refused' }),
};

/** Phases from which it goes straight back where it is undone: nobody has been started with the new volume. */
const GOES_BACK: ReadonlySet<Phase> = new Set(['Preparing', 'Copying', 'Stopping', 'Finishing', 'Swapping']);
/** Phases in which nobody was touched: a move that is deleted is given up. */
const UNTOUCHED: ReadonlySet<Phase> = new Set(['Preparing', 'Copying']);

/** What is to be done next. Pure. */
export function planMove(move: VolumeMove, view: MoveView, nowMs: number): MovePlan {
  const phase = move.status?.phase;
  const isKept = hasFinalizer(move, MOVE_FINALIZER);
  if (isDeleting(move) && mayGo(move)) return isKept ? release(move, view) : leave;
  if (isFinal(move)) return letClaimGo(move, view) ?? leave;
  if (!isKept) return { kind: 'finalize' };
  if (phase === undefined) return begin(move, view);
  if (isGivenUp(move, phase)) return record('UndoSwapping');
  return STEPS[phase]?.(move, { ...view, nowMs }) ?? leave;
}

function release(move: VolumeMove, view: MoveView): MovePlan {
  return letClaimGo(move, view) ?? { kind: 'release' };
}

/** True where nothing is half done. */
function mayGo(move: VolumeMove): boolean {
  const phase = move.status?.phase;
  return phase === undefined || phase === 'Swapped' || isFinal(move);
}

function isGivenUp(move: VolumeMove, phase: Phase): boolean {
  if (UNTOUCHED.has(phase) && isDeleting(move)) return true;
  return move.spec.decision === 'Undo' && GOES_BACK.has(phase);
}

function record(phase: Phase, status: MoveStatus = {}): MovePlan {
  return { kind: 'record', status: { ...status, phase } };
}

function begin(move: VolumeMove, view: MoveView): MovePlan {
  const found = movedClaim(move, view);
  if (!found.ok) return { kind: 'refuse', message: found.error };
  const claim = view.claim(move.spec.claimName);
  if (claim !== undefined && !isHeldBy(claim, move)) return { kind: 'hold', claim };
  return record('Preparing', found.value);
}

/** True where the data is copied, and can be while it is used. */
function canRead(move: VolumeMove, view: MoveView): boolean {
  const claim = view.claim(move.spec.claimName);
  if (keepsVolume(move)) return false;
  return claim !== undefined && canCopyLive(claim, view.usersOf(move.spec.claimName), move.status?.nodeName ?? '');
}

function copyLive(move: VolumeMove, view: MoveView, nowMs: number): MovePlan {
  return canRead(move, view) ? planCopy(move, view, { round: 'first', next: 'Stopping', nowMs }) : record('Stopping');
}

/** The claim is no longer what it was: nothing is copied, and nobody stopped, for one that goes. */
function gone({ spec, status }: VolumeMove, view: MoveView): MovePlan | undefined {
  const claim = view.claim(spec.claimName);
  const isThere = claim !== undefined && !isDeleting(claim) && volumeNameOf(claim) === status?.oldVolume?.name;
  return isThere ? undefined : wait(`claim ${JSON.stringify(spec.claimName)} went meanwhile: decide Undo to give this up`);
}

/** Where somebody has begun to use the claim since all were stopped, what was copied may be old: they are stopped, and it is copied again. */
function again(move: VolumeMove, view: MoveView): MovePlan | undefined {
  if (gone(move, view) !== undefined) return undefined;
  return view.usersOf(move.spec.claimName).length > 0 ? record('Stopping') : undefined;
}

/** Confirmed: the new volume gets its policy, and the old one goes by its own. */
function decided(move: VolumeMove, view: MoveView): MovePlan {
  const { decision } = move.spec;
  const { oldVolume, newVolume } = move.status ?? {};
  const settled = settle([newVolume], view);
  if (settled !== undefined) return settled;
  if (decision === undefined) return leave;
  if (decision === 'Confirm') return settle([oldVolume], view) ?? record('Confirmed');
  // why none: who uses the claim now may be others; in another namespace nobody is stopped, and those who were here are started again
  return isToAnotherNamespace(move) ? record('UndoSwapping') : record('UndoStopping', { consumers: [] });
}

/** A claim that is the move's is anybody's again. */
function letClaimGo(move: VolumeMove, view: MoveView): MovePlan | undefined {
  return letGo(
    [view, view.target].map((place) => place.claim(move.spec.claimName)),
    move,
  );
}
