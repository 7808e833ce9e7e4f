import type { Job, JobCondition, JobStatus, Pod } from '#api/generated/kubernetes.ts';
import { findCondition, withCondition } from '#api/conditions.ts';
import { hasLimitPerIndex } from './index-failures.ts';
import { formatIndexes, isIndexed } from './indexes.ts';
import { condition, type Ending, podCounts, type Tally } from './plan.ts';

/** What a status is made from. */
export interface JobView {
  readonly pods: readonly Pod[];
  readonly isGoing: (pod: Pod) => boolean;
  readonly tally: Tally;
  readonly ending: Ending | undefined;
  /** RFC 3339. */
  readonly now: string;
}

/** The status of `job`; an ending becomes final when no pod runs any more and all are counted (job_controller.go). Pure. */
export function jobStatus(job: Job, view: JobView): JobStatus {
  const { tally, ending, now } = view;
  const counts = podCounts(view.pods, view.isGoing);
  const isSettled =
    counts.active === 0 && counts.terminating === 0 && tally.uncounted.succeeded.length + tally.uncounted.failed.length === 0;
  const isFinal = ending !== undefined && isSettled;
  const startTime = startOf(job, now);
  const conditions = conditionsOf(job, { ending, isFinal, now });
  const uncounted = Object.fromEntries(Object.entries(tally.uncounted).filter(([, uids]) => uids.length > 0));
  return {
    ...positive({ active: counts.active, succeeded: tally.succeeded, failed: tally.failed }),
    ready: counts.ready,
    terminating: counts.terminating,
    uncountedTerminatedPods: uncounted,
    ...(startTime === undefined ? {} : { startTime }),
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(isIndexed(job) && tally.completedIndexes.length > 0 ? { completedIndexes: formatIndexes(tally.completedIndexes) } : {}),
    ...(hasLimitPerIndex(job) ? { failedIndexes: formatIndexes(tally.failedIndexes) } : {}),
    ...(isFinal && ending.type === 'Complete' ? { completionTime: now } : {}),
  };
}

/** Upstream leaves zeros out. */
function positive(counts: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined && count > 0));
}

/** When the job began to run, last: a suspended one begins again. */
function startOf({ spec, status }: Job, now: string): string | undefined {
  return spec.suspend === true ? undefined : (status?.startTime ?? now);
}

function conditionsOf(
  { spec, status }: Job,
  { ending, isFinal, now }: { readonly ending: Ending | undefined; readonly isFinal: boolean; readonly now: string },
): readonly JobCondition[] {
  if (ending === undefined) return withSuspension(status?.conditions ?? [], spec.suspend === true, now);
  let conditions = status?.conditions ?? [];
  const { type, reason, message } = ending;
  const target = type === 'Failed' ? 'FailureTarget' : 'SuccessCriteriaMet';
  if (findCondition(conditions, target) === undefined) conditions = withCondition(conditions, condition(target, { reason, message }, now));
  return isFinal ? withCondition(conditions, condition(type, { reason, message }, now)) : conditions;
}

function withSuspension(conditions: readonly JobCondition[], isSuspended: boolean, now: string): readonly JobCondition[] {
  const wasSuspended = findCondition(conditions, 'Suspended')?.status === 'True';
  if (isSuspended === wasSuspended) return conditions;
  const words = isSuspended
    ? { status: 'True', reason: 'JobSuspended', message: 'Job suspended' }
    : { status: 'False', reason: 'JobResumed', message: 'Job resumed' };
  return withCondition(conditions, condition('Suspended', words, now));
}
