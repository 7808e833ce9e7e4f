import type { Job, JobStatus, Pod } from '#api/generated/kubernetes.ts';
import { findCondition, isConditionTrue } from '#api/conditions.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { jobs, pods } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode, type PlatformError } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { podCreated, podDeleted, podNotCreated, podNotDeleted } from '../events.ts';
import { controllerOf } from '../owners.ts';
import { SUFFIX_LENGTH } from '../pod-template.ts';
import { isActive } from '../pod-facts.ts';
import { inGrowingBatches, UNSEEN_POLL_MS } from '../pod-writes.ts';
import type { WorkloadParts } from '../workload-parts.ts';
import { writeStatus } from '../write-status.ts';
import { jobEnded, jobSuspension } from './events.ts';
import { hasLimitPerIndex, indexWaitMs, lastFailures, nextCounts } from './index-failures.ts';
import { freeIndexes, indexOf, isIndexed } from './indexes.ts';
import {
  backoffLeftMs,
  type Ending,
  endingOf,
  isFinished,
  isTracked,
  msUntilDeadline,
  planJobPods,
  type Tally,
  tally,
  TRACKING,
} from './plan.ts';
import { jobPodDraft } from './pod-draft.ts';
import { jobStatus } from './status.ts';

/** Whose job it is, where `spec.managedBy` says nothing. */
const OURSELVES = 'kubernetes.io/job-controller';

/** Runs the pods of `job` until enough of them succeeded, or too many failed. */
export async function reconcileJob(ctx: Ctx, parts: WorkloadParts, job: Job): Promise<Outcome> {
  if ((job.spec.managedBy ?? OURSELVES) !== OURSELVES) return done;
  await letStrangersGo(ctx, parts, job);
  const owned = await parts.podsOf.claim(ctx, jobs, job);
  if (isFinished(job)) return afterTheEnd(ctx, job, owned);
  if (await parts.writes.hasUnseen(ctx, job)) return after(UNSEEN_POLL_MS, 'waiting for the cache to show the pods that were made');
  return runJob(ctx, parts, { job, pods: owned });
}

interface JobWork {
  readonly job: Job;
  readonly pods: readonly Pod[];
}

async function runJob(ctx: Ctx, parts: WorkloadParts, work: JobWork): Promise<Outcome> {
  const { job } = work;
  const nowMs = ctx.clock.nowMs();
  const isGoing = (pod: Pod): boolean => parts.writes.isGoing(pod);
  const first = tally(job, work.pods, isConditionTrue(job.status?.conditions, 'FailureTarget'));
  const ending = endingOf(job, { pods: work.pods, tally: first, nowMs });
  // why again: at the end every pod is let go
  const counted = ending?.type === 'Failed' ? tally(job, work.pods, true) : first;
  const changes = await applyPods(ctx, parts, { job, pods: work.pods, tally: counted, ending });
  const seen = parts.pods.byIndex('controller', job.metadata.uid);
  const status = jobStatus(job, { pods: seen, isGoing, tally: counted, ending, now: formatTime(nowMs) });
  await writeStatus(ctx, jobs, { object: job, status });
  tell(ctx, job, { status, ending });
  for (const pod of counted.releasable) await letGo(ctx, pod);
  if (changes.failure !== undefined) throw changes.failure;
  const waits = [changes.backoffMs, msUntilDeadline({ ...job, status }, nowMs)].filter((wait) => wait !== undefined && wait > 0);
  return waits.length === 0 ? done : after(Math.min(...waits.map(Number)), 'waiting to replace a failed pod, or for the deadline');
}

interface Changes {
  readonly failure?: PlatformError | undefined;
  readonly backoffMs?: number;
}

async function applyPods(
  ctx: Ctx,
  parts: WorkloadParts,
  { job, pods: all, tally: counted, ending }: JobWork & { readonly tally: Tally; readonly ending: Ending | undefined },
): Promise<Changes> {
  const isGoing = (pod: Pod): boolean => parts.writes.isGoing(pod);
  if (job.metadata.deletionTimestamp !== undefined) return {};
  if (ending !== undefined) {
    const running = all.filter((pod) => isActive(pod) && !isGoing(pod));
    // why: a pod that is not needed any more did not fail
    if (ending.type === 'Complete') for (const pod of running) await letGo(ctx, pod);
    return { failure: await deletePods(ctx, parts, { job, pods: running }) };
  }
  const plan = planJobPods(job, { pods: all, tally: counted, isGoing });
  if (plan.remove.length > 0) {
    // why first: what the job itself takes away is no failure, and must not be counted
    for (const pod of plan.remove) await letGo(ctx, pod);
    return { failure: await deletePods(ctx, parts, { job, pods: plan.remove }) };
  }
  if (plan.create === 0) return {};
  if (hasLimitPerIndex(job)) return createByIndex(ctx, parts, { job, pods: all, count: plan.create, tally: counted });
  const backoffMs = backoffLeftMs(all, ctx.clock.nowMs());
  if (backoffMs > 0) return { backoffMs };
  return { failure: await createPods(ctx, parts, { job, pods: all, count: plan.create, tally: counted, waits: () => false }) };
}

interface Creation extends JobWork {
  readonly count: number;
  readonly tally: Tally;
}

/** Each index waits for itself; the others go on meanwhile. */
async function createByIndex(ctx: Ctx, parts: WorkloadParts, work: Creation): Promise<Changes> {
  const over = new Set([...work.tally.failedIndexes, ...work.tally.completedIndexes]);
  const waits = new Map<number, number>();
  for (const [index, pod] of lastFailures(work.job, work.pods)) {
    const waitMs = over.has(index) ? 0 : indexWaitMs(pod, ctx.clock.nowMs());
    if (waitMs > 0) waits.set(index, waitMs);
  }
  const failure = await createPods(ctx, parts, { ...work, waits: (index) => waits.has(index) });
  return { failure, ...(waits.size === 0 ? {} : { backoffMs: Math.min(...waits.values()) }) };
}

async function createPods(
  ctx: Ctx,
  { writes }: WorkloadParts,
  { job, pods: all, count, tally: counted, waits }: Creation & { readonly waits: (index: number) => boolean },
): Promise<PlatformError | undefined> {
  const last = lastFailures(job, all);
  const busy = all.filter((pod) => isActive(pod) && !writes.isGoing(pod)).map((pod) => indexOf(pod) ?? -1);
  const indexes = isIndexed(job)
    ? freeIndexes(job, new Set([...counted.completedIndexes, ...counted.failedIndexes, ...busy]), { count, waits })
    : Array.from({ length: count }, () => undefined);
  const failure = await inGrowingBatches<number | undefined>(indexes, async (index) => {
    const counts = nextCounts(job, index === undefined ? undefined : last.get(index));
    const draft = jobPodDraft(job, { suffix: ctx.ids.suffix(SUFFIX_LENGTH), index, counts });
    await writes.create(ctx, job, draft);
    ctx.events.record(podCreated(job, draft.metadata.name ?? ''));
  });
  if (failure !== undefined) ctx.events.record(podNotCreated(job, failure.message));
  return failure;
}

async function deletePods(ctx: Ctx, { writes }: WorkloadParts, { job, pods: unwanted }: JobWork): Promise<PlatformError | undefined> {
  const failure = await inGrowingBatches(unwanted, async (pod) => {
    await writes.delete(ctx, pod);
    ctx.events.record(podDeleted(job, pod.metadata.name));
  });
  if (failure !== undefined) ctx.events.record(podNotDeleted(job, failure.message));
  return failure;
}

function tell(ctx: Ctx, job: Job, { status, ending }: { readonly status: JobStatus; readonly ending: Ending | undefined }): void {
  if (ending !== undefined && isConditionTrue(status.conditions, ending.type)) ctx.events.record(jobEnded(job, ending));
  const [before, now] = [job.status?.conditions, status.conditions].map(
    (conditions) => findCondition(conditions, 'Suspended')?.status ?? 'False',
  );
  if (before !== now) ctx.events.record(jobSuspension(job, now === 'True'));
}

/** A job that is over lets its pods go, and is deleted when its time is over (ttlafterfinished_controller.go). */
async function afterTheEnd(ctx: Ctx, job: Job, owned: readonly Pod[]): Promise<Outcome> {
  for (const pod of owned) await letGo(ctx, pod);
  const { ttlSecondsAfterFinished } = job.spec;
  if (ttlSecondsAfterFinished === undefined || job.metadata.deletionTimestamp !== undefined) return done;
  const end = job.status?.conditions?.find(({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'));
  const leftMs = Date.parse(end?.lastTransitionTime ?? '') + ttlSecondsAfterFinished * 1000 - ctx.clock.nowMs();
  if (leftMs > 0) return after(leftMs, 'waiting for ttlSecondsAfterFinished');
  const { uid, resourceVersion } = job.metadata;
  try {
    await ctx.client.delete(jobs, keyOf(job), { uid, resourceVersion, propagation: 'Foreground' });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
  return done;
}

/** Pods of a job that is gone, or that let them go, wait for nobody any more. */
export async function reconcileGoneJob(ctx: Ctx, parts: WorkloadParts, key: string): Promise<Outcome> {
  for (const pod of parts.pods.byIndex('job', key)) await letGo(ctx, pod);
  return done;
}

/** Neither do those of an earlier job of the same name, nor one of that name that no job owns. */
async function letStrangersGo(ctx: Ctx, { pods: informer }: WorkloadParts, job: Job): Promise<void> {
  for (const pod of informer.byIndex('job', formatKey(keyOf(job)))) {
    if (controllerOf(pod.metadata)?.uid !== job.metadata.uid) await letGo(ctx, pod);
  }
}

/** Takes the finalizer off a pod that is counted. */
async function letGo(ctx: Ctx, pod: Pod): Promise<void> {
  if (!isTracked(pod)) return;
  const { uid, resourceVersion, finalizers = [] } = pod.metadata;
  const body = { metadata: { uid, resourceVersion, finalizers: finalizers.filter((finalizer) => finalizer !== TRACKING) } };
  try {
    await ctx.client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body } });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}
