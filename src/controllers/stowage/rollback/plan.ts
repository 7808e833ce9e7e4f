import type { VolumeRollback } from '#api/generated/definitions.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { isHeldBy, letGo } from '../claim-swap/hold-claim.ts';
import { type SwapStep, wait } from '../claim-swap/swap-claim.ts';
import { settle } from '../claim-swap/swap-volumes.ts';
import { rolledClaims, wantedClaims } from './begin.ts';
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
  if (isDeleting(rollback) && mayGo(rollback)) return isKept ? release(rollback, view) : leave;
  if (isFinal(rollback)) return letClaimsGo(rollback, view) ?? leave;
  if (!isKept) return { kind: 'finalize' };
  if (phase === undefined) return begin(rollback, view);
  if (isGivenUp(rollback, phase)) return record('UndoSwapping');
  return STEPS[phase]?.(rollback, view) ?? leave;
}

function release(rollback: VolumeRollback, view: RollbackView): RollbackPlan {
  return letClaimsGo(rollback, view) ?? { kind: 'release' };
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
  if (!claims.ok) {
    if (claims.error.isPassing) return wait(claims.error.text);
    return { kind: 'refuse', message: claims.error.text };
  }
  const free = claims.value
    .map(({ claimName }) => view.claim(claimName))
    .find((claim) => claim !== undefined && !isHeldBy(claim, rollback));
  return free === undefined ? { kind: 'record', status: { phase: 'Preparing', claims: claims.value } } : { kind: 'hold', claim: free };
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

function letClaimsGo(rollback: VolumeRollback, view: RollbackView): SwapStep | undefined {
  const names = (rollback.status?.claims ?? wantedClaims(rollback, view)).map(({ claimName }) => claimName);
  return letGo(
    names.map((name) => view.claim(name)),
    rollback,
  );
}
