import type { Job, Pod } from '#api/generated/kubernetes.ts';
import { failureVerdict } from './failure-policy.ts';
import { indexOf, parseIndexes } from './indexes.ts';

/** On a pod of a job whose indexes have limits of their own: how often its index has failed before (batch/v1 `JobIndexFailureCountAnnotation`). */
const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';
/** The failures that the job's policy does not count. */
const IGNORED_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** Waits between the failing pods of one index: 10 s doubling to 10 min (job_controller.go). */
const FIRST_BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 600_000;

/** True for a job whose indexes may each fail so often (KEP-3850). */
export function hasLimitPerIndex({ spec }: Job): boolean {
  return spec.backoffLimitPerIndex !== undefined;
}

/** Indexes that have failed for good: too often, or because a rule says so; those that were known, and those of `pods` that failed. Pure. */
export function failedIndexesOf(job: Job, pods: readonly Pod[], completed: readonly number[]): readonly number[] {
  const { backoffLimitPerIndex: limit } = job.spec;
  if (limit === undefined) return [];
  const failed = new Set(parseIndexes(job.status?.failedIndexes));
  for (const pod of pods) {
    const index = indexOf(pod);
    const { action } = failureVerdict(job, pod);
    if (index === undefined || pod.status?.phase !== 'Failed' || action === 'Ignore') continue;
    if (action === 'FailIndex' || countOf(pod, FAILURE_COUNT) >= limit) failed.add(index);
  }
  for (const index of completed) failed.delete(index);
  return [...failed].filter((index) => index < (job.spec.completions ?? 0)).toSorted((a, b) => a - b);
}

/** By index the pod that failed last; the next one carries on its count. Pure. */
export function lastFailures(job: Job, pods: readonly Pod[]): ReadonlyMap<number, Pod> {
  const last = new Map<number, Pod>();
  if (!hasLimitPerIndex(job)) return last;
  for (const pod of pods) {
    const index = indexOf(pod);
    if (index === undefined || pod.status?.phase !== 'Failed') continue;
    const known = last.get(index);
    if (known === undefined || tryOf(pod) > tryOf(known)) last.set(index, pod);
  }
  return last;
}

/** The annotations of the pod that follows `failed` in its index; of the first one, zeros. Pure. */
export function nextCounts(job: Job, failed: Pod | undefined): Readonly<Record<string, string>> {
  if (!hasLimitPerIndex(job)) return {};
  if (failed === undefined) return { [FAILURE_COUNT]: '0' };
  const isIgnored = failureVerdict(job, failed).action === 'Ignore';
  const ignored = countOf(failed, IGNORED_COUNT) + (isIgnored ? 1 : 0);
  return {
    [FAILURE_COUNT]: String(countOf(failed, FAILURE_COUNT) + (isIgnored ? 0 : 1)),
    ...(ignored === 0 ? {} : { [IGNORED_COUNT]: String(ignored) }),
  };
}

/** Until the pod after `failed` may be made. Pure. */
export function indexWaitMs(failed: Pod | undefined, nowMs: number): number {
  if (failed === undefined) return 0;
  const ends = (failed.status?.containerStatuses ?? [])
    .map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''))
    .filter((atMs) => !Number.isNaN(atMs));
  const endedMs = Math.max(Date.parse(failed.metadata.creationTimestamp), ...ends);
  return Math.max(0, endedMs + Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** tryOf(failed)) - nowMs);
}

/** True where `pod` alone knows how often its index has failed: it is kept until another has taken over the count. Pure. */
export function keepsCount(pod: Pod, last: ReadonlyMap<number, Pod>, pods: readonly Pod[]): boolean {
  const index = indexOf(pod);
  if (index === undefined || last.get(index) !== pod) return false;
  return !pods.some((other) => indexOf(other) === index && tryOf(other) > tryOf(pod));
}

/** How many pods its index has had before. */
function tryOf(pod: Pod): number {
  return countOf(pod, FAILURE_COUNT) + countOf(pod, IGNORED_COUNT);
}

function countOf({ metadata }: Pod, key: string): number {
  const count = Number(metadata.annotations?.[key] ?? '0');
  return Number.isInteger(count) && count > 0 ? count : 0;
}
