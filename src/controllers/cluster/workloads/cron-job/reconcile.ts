import type { CronJob, Job } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { cronJobs, jobs } from '#api/resources.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { controllerOf } from '../owners.ts';
import { writeStatus } from '../write-status.ts';
import { jobCompleted, jobCreated, jobDeleted, jobNotCreated, missedMany, stillRunning, unreadable } from './events.ts';
import { cronJobStatus, type DuePlan, isOver, jobDraft, planDue, planHistory } from './plan.ts';
import { parseSchedule } from './schedule.ts';

/** Starts the job that is due, and tidies up those that are over. `informer` must have the index of owners. */
export async function reconcileCronJob(ctx: Ctx, informer: Informer<Job>, cronJob: CronJob): Promise<Outcome> {
  const owned = (): readonly Job[] => informer.byIndex('controller', cronJob.metadata.uid);
  tellOfTheEnded(ctx, cronJob, owned());
  for (const job of planHistory(cronJob, owned())) await deleteJob(ctx, cronJob, job);
  const { schedule: text, timeZone } = cronJob.spec;
  const schedule = parseSchedule(text, timeZone, Date.parse(cronJob.metadata.creationTimestamp));
  if (schedule === undefined) {
    ctx.events.record(unreadable(cronJob));
    return done;
  }
  const nowMs = ctx.clock.nowMs();
  const active = owned().filter((job) => !isOver(job) && job.metadata.deletionTimestamp === undefined);
  const plan = planDue(cronJob, { schedule, active, nowMs });
  const scheduledMs = await start(ctx, cronJob, plan);
  const remaining = owned().filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  await writeStatus(ctx, cronJobs, { object: cronJob, status: cronJobStatus(cronJob, { jobs: remaining, scheduledMs }) });
  return plan.nextMs === undefined ? done : after(plan.nextMs - nowMs, 'waiting for the next time of the schedule');
}

/** Answers the time for which a job is there now. */
async function start(ctx: Ctx, cronJob: CronJob, { atMs, isHeld, replace, hasMissedMany }: DuePlan): Promise<number | undefined> {
  if (hasMissedMany) ctx.events.record(missedMany(cronJob));
  if (atMs === undefined) return undefined;
  if (isHeld === true) {
    ctx.events.record(stillRunning(cronJob));
    return undefined;
  }
  for (const job of replace) await deleteJob(ctx, cronJob, job);
  const draft = jobDraft(cronJob, atMs);
  try {
    const { metadata } = await ctx.client.create(jobs, draft);
    ctx.events.record(jobCreated(cronJob, metadata.name));
  } catch (thrown) {
    if (!(await isOurs(ctx, cronJob, { thrown, name: draft.metadata.name ?? '' }))) {
      ctx.events.record(jobNotCreated(cronJob, PlatformError.from(thrown).message));
      throw thrown;
    }
  }
  return atMs;
}

/** True where the job of that time was made before, and only its mention in the status is missing. */
async function isOurs(ctx: Ctx, cronJob: CronJob, { thrown, name }: { readonly thrown: unknown; readonly name: string }): Promise<boolean> {
  if (!hasCode(thrown, 'AlreadyExists')) return false;
  const there = await ctx.client.get(jobs, { namespace: cronJob.metadata.namespace ?? '', name });
  return controllerOf(there.metadata)?.uid === cronJob.metadata.uid;
}

async function deleteJob(ctx: Ctx, cronJob: CronJob, job: Job): Promise<void> {
  if (job.metadata.deletionTimestamp !== undefined) return;
  try {
    await ctx.client.delete(jobs, keyOf(job), { uid: job.metadata.uid, propagation: 'Background' });
    ctx.events.record(jobDeleted(cronJob, job.metadata.name));
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound', 'Aborted')) throw thrown;
  }
}

function tellOfTheEnded(ctx: Ctx, cronJob: CronJob, all: readonly Job[]): void {
  const running = new Set(cronJob.status?.active?.map(({ uid }) => uid));
  for (const job of all) if (isOver(job) && running.has(job.metadata.uid)) ctx.events.record(jobCompleted(cronJob, job));
}
