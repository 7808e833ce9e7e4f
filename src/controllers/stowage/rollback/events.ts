import type { VolumeRollback } from '#api/generated/definitions.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The claims have the volumes of their snapshots. */
export function rolledBack(rollback: VolumeRollback, claims: string): EventDraft {
  const message = `${claims} went back to their snapshots; the old volumes are kept until this is confirmed or undone`;
  return { about: rollback, type: 'Normal', reason: 'RolledBack', message };
}

/** The old volumes are given up. */
export function confirmed(rollback: VolumeRollback, claims: string): EventDraft {
  return {
    about: rollback,
    type: 'Normal',
    reason: 'RollbackConfirmed',
    message: `the old volumes of ${claims} go as their reclaim policy says`,
  };
}

/** The old volumes are back. */
export function undone(rollback: VolumeRollback, claims: string): EventDraft {
  return { about: rollback, type: 'Normal', reason: 'RollbackUndone', message: `${claims} have their old volumes; the new ones go` };
}

/** It is not begun. */
export function refused(rollback: VolumeRollback, why: string): EventDraft {
  return { about: rollback, type: 'Warning', reason: 'RollbackRefused', message: why };
}
