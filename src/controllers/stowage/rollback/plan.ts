import type { VolumeRollback } from '#api/generated/definitions.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { wait } from '../claim-swap/swap-claim.ts';
import { settle } from '../claim-swap/swap-volumes.ts';
import { rolledClaims } from './begin.ts';
import type { RollbackPlan } from './plan-kinds.ts';
import { prepare } from './prepare.ts';
import { isFinal, type Phase, ROLLBACK_FINALIZER } from './rolled.ts';
import { swap, swapBack } from './swap-claims.ts';
import type { RollbackView } from './view.ts';

const leave: RollbackPlan = { kind: 'leave' };

type Step = (rollback: VolumeRollback, view: RollbackView) => RollbackPlan;

/** What is done in each phase that has work. */
const STEPS: Readonly<Partial<Record<Phase, Step>>> = {
  Preparing: (rollback, view) => prepare(rollback, view) ?? record('Stopping'),
  Stopping: () => ({ kind: 'stop', next: 'Swapping' }),
  Swapping: (rollback, view) => swap(rollback, view) ?? record('Starting'),
  Starting: () => ({ kind: 'start', next: 'Swapped' }),
  Swapped: (rollback, view) => decided(rollback, view),
  UndoStopping: () => ({ kind: 'stop', next: 'UndoSwapping' }),
  UndoSwapping: (rollback, view) => swapBack(rollback, view) ?? record('UndoStarting'),
  UndoStarting: () => ({ kind: 'start', next: 'Undone' }),
};

/** Phases from which it goes straight back where it is undone: nobody has been started with a new volume. */
const GOES_BACK: ReadonlySet<Phase> = new Set(['Preparing', 'Stopping', 'Swapping']);

/** What is to be done next. Pure. */
export function planRollback(rollback: VolumeRollback, view: RollbackView): RollbackPlan {
  const phase = rollback.status?.phase;
  const isKept = hasFinalizer(rollback, ROLLBACK_FINALIZER);
  if (isDeleting(rollback) && mayGo(rollback)) return isKept ? { kind: 'release' } : leave;
  if (isFinal(rollback)) return leave;
  if (!isKept) return { kind: 'finalize' };
  if (phase === undefined) return begin(rollback, view);
  return isGivenUp(rollback, phase) ? record('UndoSwapping') : (STEPS[phase]?.(rollback, view) ?? leave);
}

/** True where nothing is half done. */
function mayGo(rollback: VolumeRollback): boolean {
  const phase = rollback.status?.phase;
  return phase === undefined || phase === 'Swapped' || isFinal(rollback);
}

function isGivenUp(rollback: VolumeRollback, phase: Phase): boolean {
  if (phase === 'Preparing' && isDeleting(rollback)) return true;
  return rollback.spec.decision === 'Undo' && GOES_BACK.has(phase);
}

function record(phase: Phase): RollbackPlan {
  return { kind: 'record', status: { phase } };
}

function begin(rollback: VolumeRollback, view: RollbackView): RollbackPlan {
  const claims = rolledClaims(rollback, view);
  if (claims.ok) return { kind: 'record', status: { phase: 'Preparing', claims: claims.value } };
  return claims.error.isPassing ? wait(claims.error.text) : { kind: 'refuse', message: claims.error.text };
}

/** Confirmed: the new volumes get their policy, and the old ones go by theirs. */
function decided(rollback: VolumeRollback, view: RollbackView): RollbackPlan {
  const { decision } = rollback.spec;
  const claims = rollback.status?.claims ?? [];
  const settled = settle(
    claims.map(({ newVolume }) => newVolume),
    view,
  );
  if (settled !== undefined) return settled;
  if (decision === undefined) return leave;
  // why none: who uses the claims now may be others, or others in number
  if (decision === 'Undo') return { kind: 'record', status: { phase: 'UndoStopping', consumers: [] } };
  return (
    settle(
      claims.map(({ oldVolume }) => oldVolume),
      view,
    ) ?? record('Confirmed')
  );
}
