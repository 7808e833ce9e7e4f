import type { CronJob, CronJobStatus, Job, ObjectReference } from '#api/generated/kubernetes.ts';
import { toDouble } from '#kit/exact-json.ts';
import type { Draft } from '#api/meta/object.ts';
import { isConditionTrue } from '#api/conditions.ts';
import { formatTime } from '#kit/clock.ts';
import { controllerRef } from '../owners.ts';
import { lastTime, type Schedule } from './schedule.ts';

/** What is due. */
export interface DuePlan {
  /** Milliseconds since the Unix epoch; the time of the schedule, not of now. */
  readonly atMs?: number;
  /** That time is not kept: the job before still runs. */
  readonly isHeld?: boolean;
  /** To delete before the new one starts. */
  readonly replace: readonly Job[];
  readonly hasMissedMany: boolean;
  /** Of the next time; undefined where there is none. */
  readonly nextMs: number | undefined;
}

const NOTHING = { replace: [], hasMissedMany: false };

/** What `cronJob` has to start now (cronjob_controllerv2.go `syncCronJob`). `active` are its jobs that are not over. Pure. */
export function planDue(
  cronJob: CronJob,
  view: { readonly schedule: Schedule; readonly active: readonly Job[]; readonly nowMs: number },
): DuePlan {
  const { spec, metadata, status } = cronJob;
  const { schedule, active, nowMs } = view;
  const nextMs = schedule.next(nowMs);
  if (spec.suspend === true || metadata.deletionTimestamp !== undefined) return { ...NOTHING, nextMs: undefined };
  const sinceMs = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp);
  // a time that was missed for longer than the deadline does not count
  const deadlineMs = toDouble(spec.startingDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const last = lastTime(schedule, { fromMs: Math.max(sinceMs, nowMs - deadlineMs), nowMs });
  if (last === undefined) return { ...NOTHING, nextMs };
  const due = { atMs: last.atMs, hasMissedMany: last.areMany, nextMs, replace: [] };
  if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) return { ...due, isHeld: true };
  return { ...due, replace: spec.concurrencyPolicy === 'Replace' ? active : [] };
}

/** The job for that time: its name is made from the time, so that no time gets two (utils.go `getJobName`). Pure. */
export function jobDraft(cronJob: CronJob, atMs: number): Draft<Job> {
  const { metadata, spec } = cronJob;
  const template = spec.jobTemplate;
  return {
    metadata: {
      name: `${metadata.name}-${Math.floor(atMs / 60_000)}`,
      namespace: metadata.namespace,
      labels: template.metadata?.labels ?? {},
      annotations: {
        ...template.metadata?.annotations,
        'batch.kubernetes.io/cronjob-scheduled-timestamp': formatTime(atMs),
      },
      ownerReferences: [controllerRef(cronJob)],
    },
    spec: template.spec ?? { template: {} },
  };
}

/** True for a job that is over. */
export function isOver({ status }: Job): boolean {
  return isConditionTrue(status?.conditions, 'Complete') || isConditionTrue(status?.conditions, 'Failed');
}

/** Jobs that are over, beyond what the history may have, the oldest first (`cleanupFinishedJobs`). Pure. */
export function planHistory({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const over = jobs.filter(isOver).toSorted((a, b) => startOf(a) - startOf(b));
  const beyond = (type: string, limit = Number.POSITIVE_INFINITY): readonly Job[] => {
    const ended = over.filter(({ status }) => isConditionTrue(status?.conditions, type));
    return ended.slice(0, Math.max(0, ended.length - limit));
  };
  return [...beyond('Complete', spec.successfulJobsHistoryLimit), ...beyond('Failed', spec.failedJobsHistoryLimit)];
}

function startOf({ metadata, status }: Job): number {
  return Date.parse(status?.startTime ?? metadata.creationTimestamp);
}

/** The status: who runs, and when the last one began and succeeded. Pure. */
export function cronJobStatus(
  cronJob: CronJob,
  { jobs, scheduledMs }: { readonly jobs: readonly Job[]; readonly scheduledMs: number | undefined },
): CronJobStatus {
  const active = jobs.filter((job) => !isOver(job)).map(referenceTo);
  const ended = jobs
    .filter(({ status }) => isConditionTrue(status?.conditions, 'Complete'))
    .map(({ status }) => status?.completionTime)
    .filter((time) => time !== undefined);
  const lastSuccessfulTime = [cronJob.status?.lastSuccessfulTime, ...ended]
    .filter((time) => time !== undefined)
    .toSorted(byText)
    .at(-1);
  const lastScheduleTime = scheduledMs === undefined ? cronJob.status?.lastScheduleTime : formatTime(scheduledMs);
  return {
    ...(active.length === 0 ? {} : { active }),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function referenceTo({ apiVersion, kind, metadata: { namespace, name, uid } }: Job): ObjectReference {
  return { apiVersion, kind, namespace, name, uid };
}
