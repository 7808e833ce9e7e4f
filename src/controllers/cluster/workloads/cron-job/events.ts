import type { CronJob, Job } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** A job was started. */
export function jobCreated(about: CronJob, name: string): EventDraft {
  return { about, type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${name}` };
}

/** A job could not be started. */
export function jobNotCreated(about: CronJob, why: string): EventDraft {
  return { about, type: 'Warning', reason: 'FailedCreate', message: `Error creating job: ${why}` };
}

/** A job was deleted: too old, or replaced. */
export function jobDeleted(about: CronJob, name: string): EventDraft {
  return { about, type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${name}` };
}

/** A job is over. */
export function jobCompleted(about: CronJob, { metadata, status }: Job): EventDraft {
  const end = status?.conditions?.find(({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'))?.type;
  return { about, type: 'Normal', reason: 'SawCompletedJob', message: `Saw completed job: ${metadata.name}, condition: ${end}` };
}

/** A time was not kept, because the job of the one before still runs. */
export function stillRunning(about: CronJob): EventDraft {
  const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
  return { about, type: 'Normal', reason: 'JobAlreadyActive', message };
}

/** Many times were not kept. */
export function missedMany(about: CronJob): EventDraft {
  const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
  return { about, type: 'Warning', reason: 'TooManyMissedTimes', message };
}

/** The schedule can't be read. */
export function unreadable(about: CronJob): EventDraft {
  return { about, type: 'Warning', reason: 'UnparseableSchedule', message: `unparseable schedule: ${JSON.stringify(about.spec.schedule)}` };
}
