import type { Job, JobCondition, JobStatus, Pod } from '#api/generated/kubernetes.ts';
import { toDouble } from '#kit/exact-json.ts';
import { findCondition, isConditionTrue } from '#api/conditions.ts';
import { isActive, isReady, restartsOf } from '../pod-facts.ts';
import { failureVerdict } from './failure-policy.ts';
import { failedIndexesOf, keepsCount, lastFailures } from './index-failures.ts';
import { indexOf, isIndexed, parseIndexes } from './indexes.ts';
import { matchedSuccessRule } from './success-policy.ts';

/** Holds a pod until it is counted (batch/v1 `JobTrackingFinalizer`). */
export const TRACKING = 'batch.kubernetes.io/job-tracking';

/** How a job ends. */
export interface Ending {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** What the pods of a job have come to. */
export interface Tally {
  /** Uids that are put down now, to be counted once their pods are let go. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  /** Counted for good, with those whose pods were let go since. */
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: readonly number[];
  /** Of a job whose indexes have limits of their own. */
  readonly failedIndexes: readonly number[];
  /** Pods that end, are put down, and can be let go after the status is written. */
  readonly releasable: readonly Pod[];
}

/** True for a job that is over. */
export function isFinished({ status }: Job): boolean {
  return isConditionTrue(status?.conditions, 'Complete') || isConditionTrue(status?.conditions, 'Failed');
}

/** True for a pod that is not counted yet. */
export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING) === true;
}

/**
 * Counts every pod once (job_controller.go `trackJobStatusAndRemoveFinalizers`): an ended pod is put down by uid, the status is written, the pod is
 * let go, and what is put down and let go moves into the numbers. A crash in between repeats a step and counts nothing twice. Pure.
 */
export function tally(job: Job, pods: readonly Pod[], isEnding: boolean): Tally {
  const { succeeded: before = [], failed: failedBefore = [] } = job.status?.uncountedTerminatedPods ?? {};
  const held = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid));
  const known = new Set([...before, ...failedBefore]);
  const { releasable, failedIndexes } = overOf(job, pods, isEnding || job.metadata.deletionTimestamp !== undefined);
  const fresh = releasable.filter(({ metadata }) => !known.has(metadata.uid));
  const won = fresh.filter(hasSucceeded);
  const lost = fresh.filter((pod) => !hasSucceeded(pod) && failureVerdict(job, pod).action !== 'Ignore');
  const split = (uids: readonly string[]): Split => ({
    held: uids.filter((uid) => held.has(uid)),
    gone: uids.filter((uid) => !held.has(uid)).length,
  });
  const [succeeded, failed] = [split(before), split(failedBefore)];
  const completedIndexes = completedOf(job, won);
  return {
    // a numbered part counts by its number, which can't be counted twice
    uncounted: { succeeded: isIndexed(job) ? [] : [...succeeded.held, ...uidsOf(won)], failed: [...failed.held, ...uidsOf(lost)] },
    succeeded: isIndexed(job) ? completedIndexes.length : (job.status?.succeeded ?? 0) + succeeded.gone,
    failed: (job.status?.failed ?? 0) + failed.gone,
    completedIndexes,
    failedIndexes,
    releasable,
  };
}

function hasSucceeded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded';
}

/** Pods that are over and may be let go, and the indexes that have failed for good by them. */
function overOf(job: Job, pods: readonly Pod[], isAllOver: boolean): Pick<Tally, 'releasable' | 'failedIndexes'> {
  const over = pods.filter((pod) => isTracked(pod) && (isAllOver || isOver(job, pod)));
  const failedIndexes = failedIndexesOf(job, over, completedOf(job, over.filter(hasSucceeded)));
  return { releasable: isAllOver ? over : withoutLastFailures(job, { over, pods, failedIndexes }), failedIndexes };
}

/** Pods that alone know how often their index has failed stay until the next one knows it, or the index is over. */
function withoutLastFailures(
  job: Job,
  {
    over,
    pods,
    failedIndexes,
  }: { readonly over: readonly Pod[]; readonly pods: readonly Pod[]; readonly failedIndexes: readonly number[] },
): readonly Pod[] {
  const last = lastFailures(job, over);
  if (last.size === 0) return over;
  const ended = new Set([...failedIndexes, ...completedOf(job, over.filter(hasSucceeded))]);
  return over.filter((pod) => ended.has(indexOf(pod) ?? -1) || !keepsCount(pod, last, pods));
}

/** Uids whose pods are still held, and how many are not. */
interface Split {
  readonly held: readonly string[];
  readonly gone: number;
}

function uidsOf(pods: readonly Pod[]): readonly string[] {
  return pods.map(({ metadata }) => metadata.uid);
}

function completedOf(job: Job, won: readonly Pod[]): readonly number[] {
  const indexes = new Set([...parseIndexes(job.status?.completedIndexes), ...won.map((pod) => indexOf(pod) ?? -1)]);
  return [...indexes].filter((index) => index >= 0 && index < (job.spec.completions ?? 0)).toSorted((a, b) => a - b);
}

/** An ended pod, and one that is going, unless the job replaces only those that have ended (job_controller.go `isPodFailed`). */
function isOver(job: Job, { metadata, status }: Pod): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  return metadata.deletionTimestamp !== undefined && job.spec.podReplacementPolicy !== 'Failed';
}

/** How the job ends, if it does now (job_controller.go `syncJob`). Pure. */
export function endingOf(
  job: Job,
  view: { readonly pods: readonly Pod[]; readonly tally: Tally; readonly nowMs: number },
): Ending | undefined {
  const target = targetOf(job);
  if (target !== undefined) return target;
  const verdict = view.pods.map((pod) => failureVerdict(job, pod)).find(({ action }) => action === 'FailJob');
  if (verdict !== undefined) return { type: 'Failed', reason: 'PodFailurePolicy', message: verdict.message };
  const failed = view.tally.failed + view.tally.uncounted.failed.length;
  const backoffLimit = job.spec.backoffLimit ?? 6;
  if (failed > backoffLimit || hasRestartedTooOften(job, view.pods, backoffLimit))
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  const left = msUntilDeadline(job, view.nowMs);
  if (left !== undefined && left <= 0)
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  return endingByIndexes(job, view.tally) ?? endingByCount(job, view);
}

/** The endings of jobs whose indexes can fail, or need not all succeed. */
function endingByIndexes(job: Job, { completedIndexes, failedIndexes }: Tally): Ending | undefined {
  const { completions = 0, maxFailedIndexes } = job.spec;
  if (maxFailedIndexes !== undefined && failedIndexes.length > maxFailedIndexes)
    return {
      type: 'Failed',
      reason: 'MaxFailedIndexesExceeded',
      message: 'Job has exceeded the specified maximal number of failed indexes',
    };
  if (failedIndexes.length > 0 && completedIndexes.length + failedIndexes.length >= completions)
    return { type: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' };
  const rule = matchedSuccessRule(job, completedIndexes);
  return rule === undefined ? undefined : { type: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` };
}

function endingByCount(job: Job, view: { readonly pods: readonly Pod[]; readonly tally: Tally }): Ending | undefined {
  return isDone(job, view.pods, view.tally)
    ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    : undefined;
}

/** The ending that was decided before, and that waits for the last pods. */
function targetOf({ status }: Job): Ending | undefined {
  const failure = findCondition(status?.conditions, 'FailureTarget');
  const target = failure ?? findCondition(status?.conditions, 'SuccessCriteriaMet');
  if (target === undefined) return undefined;
  return { type: failure === undefined ? 'Complete' : 'Failed', reason: target.reason ?? '', message: target.message ?? '' };
}

function isDone(job: Job, pods: readonly Pod[], { succeeded, uncounted }: Tally): boolean {
  const count = succeeded + uncounted.succeeded.length;
  const { completions } = job.spec;
  if (completions !== undefined) return job.spec.suspend !== true && count >= completions;
  // why: with no number of completions, one success says that the work is done, and the others may end theirs
  return count > 0 && pods.every((pod) => !isActive(pod));
}

/** Containers that are restarted in place count as failures too. */
function hasRestartedTooOften({ spec }: Job, pods: readonly Pod[], limit: number): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .reduce((sum, pod) => sum + restartsOf(pod), 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Until `activeDeadlineSeconds` is over; undefined where there is none, or the clock does not run. */
export function msUntilDeadline({ spec, status }: Job, nowMs: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend === true || status?.startTime === undefined) return undefined;
  return Date.parse(status.startTime) + toDouble(spec.activeDeadlineSeconds) * 1000 - nowMs;
}

/** Waits between failing pods: 10 s doubling to 10 min (job_controller.go). */
const FIRST_BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 600_000;

/** Until a failed pod may be replaced: the more pods failed since the last success, the longer. Pure. */
export function backoffLeftMs(pods: readonly Pod[], nowMs: number): number {
  const ended = pods
    .filter(({ status }) => status?.phase === 'Failed' || status?.phase === 'Succeeded')
    .map((pod) => ({ pod, atMs: endOf(pod, nowMs) }));
  const lastSuccessMs = Math.max(0, ...ended.filter(({ pod }) => pod.status?.phase === 'Succeeded').map(({ atMs }) => atMs));
  const failures = ended.filter(({ pod, atMs }) => pod.status?.phase === 'Failed' && atMs > lastSuccessMs).map(({ atMs }) => atMs);
  if (failures.length === 0) return 0;
  const waitMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures.length - 1));
  return Math.max(0, Math.max(...failures) + waitMs - nowMs);
}

function endOf({ metadata, status }: Pod, nowMs: number): number {
  const ends = (status?.containerStatuses ?? [])
    .map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''))
    .filter((atMs) => !Number.isNaN(atMs));
  if (ends.length > 0) return Math.max(...ends);
  const created = Date.parse(metadata.creationTimestamp);
  return Number.isNaN(created) ? nowMs : created;
}

/** How many pods to make, and which to delete. */
export interface JobPodsPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** The pods of a job that goes on (job_controller.go `manageJob`). Pure. */
export function planJobPods(
  job: Job,
  view: { readonly pods: readonly Pod[]; readonly tally: Tally; readonly isGoing: (pod: Pod) => boolean },
): JobPodsPlan {
  const { spec } = job;
  const active = view.pods.filter((pod) => isActive(pod) && !view.isGoing(pod));
  if (spec.suspend === true) return { create: 0, remove: active };
  const done = view.tally.succeeded + view.tally.uncounted.succeeded.length;
  const wanted = wantedActive(job, { active: active.length, done: done + view.tally.failedIndexes.length });
  if (active.length > wanted) return { create: 0, remove: active.toSorted(newestFirst).slice(0, active.length - wanted) };
  const going = spec.podReplacementPolicy === 'Failed' ? view.pods.filter((pod) => view.isGoing(pod) && !hasEnded(pod)).length : 0;
  return { create: Math.max(0, wanted - active.length - going), remove: [] };
}

function wantedActive({ spec }: Job, now: { readonly active: number; readonly done: number }): number {
  const parallelism = spec.parallelism ?? 1;
  if (spec.completions === undefined) return now.done > 0 ? Math.min(now.active, parallelism) : parallelism;
  return Math.max(0, Math.min(parallelism, spec.completions - now.done));
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function newestFirst({ metadata: a, status }: Pod, { metadata: b, status: other }: Pod): number {
  const isRunning = (phase: string | undefined): number => (phase === 'Running' ? 1 : 0);
  return isRunning(status?.phase) - isRunning(other?.phase) || Date.parse(b.creationTimestamp) - Date.parse(a.creationTimestamp);
}

/** Counts of pods as the status has them. Pure. */
export function podCounts(pods: readonly Pod[], isGoing: (pod: Pod) => boolean): Pick<JobStatus, 'active' | 'ready' | 'terminating'> {
  const active = pods.filter((pod) => isActive(pod) && !isGoing(pod));
  return {
    active: active.length,
    ready: active.filter(isReady).length,
    terminating: pods.filter((pod) => isGoing(pod) && !hasEnded(pod)).length,
  };
}

/** `conditions` with one more, or one changed. */
export function condition(
  type: string,
  words: { readonly status?: string; readonly reason: string; readonly message: string },
  now: string,
): JobCondition {
  return { type, status: 'True', ...words, lastProbeTime: now, lastTransitionTime: now };
}
