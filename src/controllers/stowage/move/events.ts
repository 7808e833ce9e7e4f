import type { VolumeMove } from '#api/generated/definitions.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The claim has its new volume. */
export function moved(move: VolumeMove): EventDraft {
  const message = `claim ${move.spec.claimName} is where it was to go; the old volume is kept until this is confirmed or undone`;
  return { about: move, type: 'Normal', reason: 'ClaimMoved', message };
}

/** The old volume is given up. */
export function confirmed(move: VolumeMove): EventDraft {
  const message = `the old volume of claim ${move.spec.claimName} goes as its reclaim policy says`;
  return { about: move, type: 'Normal', reason: 'MoveConfirmed', message };
}

/** The old volume is back. */
export function undone(move: VolumeMove): EventDraft {
  return {
    about: move,
    type: 'Normal',
    reason: 'MoveUndone',
    message: `claim ${move.spec.claimName} has its old volume; the new one goes`,
  };
}

/** It is not begun, or went back by itself. */
export function refused(move: VolumeMove, why: string): EventDraft {
  return { about: move, type: 'Warning', reason: 'MoveRefused', message: why };
}
