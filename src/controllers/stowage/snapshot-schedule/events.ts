import type { SnapshotSchedule } from '#api/generated/definitions.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** A run has begun. */
export function begun(schedule: SnapshotSchedule, message: string): EventDraft {
  return { about: schedule, type: 'Normal', reason: 'SnapshotRunBegun', message };
}

/** A run can't begin, or takes nothing. */
export function held(schedule: SnapshotSchedule, message: string): EventDraft {
  return { about: schedule, type: 'Warning', reason: 'SnapshotRunHeld', message };
}

/** Times were missed. */
export function missed(schedule: SnapshotSchedule, message: string): EventDraft {
  return { about: schedule, type: 'Warning', reason: 'SnapshotRunMissed', message };
}

/** A command in a pod failed. */
export function hookFailed(schedule: SnapshotSchedule, message: string): EventDraft {
  return { about: schedule, type: 'Warning', reason: 'SnapshotHookFailed', message };
}

/** The schedule can't be read. */
export function unreadable(schedule: SnapshotSchedule, message: string): EventDraft {
  return { about: schedule, type: 'Warning', reason: 'SnapshotScheduleUnreadable', message };
}
