import type { Job } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import type { Ending } from './plan.ts';

/** The job is over. */
export function jobEnded(about: Job, { type, reason, message }: Ending): EventDraft {
  if (type === 'Failed') return { about, type: 'Warning', reason, message };
  return { about, type: 'Normal', reason: 'Completed', message: 'Job completed' };
}

/** The job was told to stop, or to go on. */
export function jobSuspension(about: Job, isSuspended: boolean): EventDraft {
  return isSuspended
    ? { about, type: 'Normal', reason: 'Suspended', message: 'Job suspended' }
    : { about, type: 'Normal', reason: 'Resumed', message: 'Job resumed' };
}
