import type { Pod, ReplicaSet } from '#api/generated/kubernetes.ts';
import type { Resource } from '#api/meta/resource.ts';
import { formatTime } from '#kit/clock.ts';
import type { PlatformError } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { podCreated, podDeleted, podNotCreated, podNotDeleted } from '../events.ts';
import { nameBase, podFromTemplate, SUFFIX_LENGTH } from '../pod-template.ts';
import { inGrowingBatches, UNSEEN_POLL_MS } from '../pod-writes.ts';
import type { WorkloadParts } from '../workload-parts.ts';
import { writeStatus } from '../write-status.ts';
import { planReplicas, type ReplicaFailure, type ReplicaPlan, replicaStatus } from './plan.ts';

/** A set, and the kind under which it is stored. */
export interface StoredSet {
  readonly set: ReplicaSet;
  readonly resource: Resource<ReplicaSet>;
}

/** Brings the number of pods of `set` to what it asks for. */
export async function reconcileReplicaSet(ctx: Ctx, parts: WorkloadParts, { set, resource }: StoredSet): Promise<Outcome> {
  const pods = await parts.podsOf.claim(ctx, resource, set);
  if (await parts.writes.hasUnseen(ctx, set)) return after(UNSEEN_POLL_MS, 'waiting for the cache to show the pods that were made');
  const isGoing = (pod: Pod): boolean => parts.writes.isGoing(pod);
  const isEnding = set.metadata.deletionTimestamp !== undefined;
  const fault = isEnding ? undefined : await applyReplicas(ctx, parts, { set, plan: planReplicas(set, pods, isGoing) });
  const nowMs = ctx.clock.nowMs();
  const failure = fault?.failure;
  // why read again: the pods that were just made are in the cache already
  const seen = parts.pods.byIndex('controller', set.metadata.uid);
  const { status, nextMs } = replicaStatus(set, { pods: seen, isGoing, failure, nowMs, now: formatTime(nowMs) });
  await writeStatus(ctx, resource, { object: set, status });
  if (fault !== undefined) throw fault.error;
  return nextMs === undefined ? done : after(nextMs, 'waiting until a pod has been ready for minReadySeconds');
}

interface Fault {
  readonly failure: ReplicaFailure;
  readonly error: PlatformError;
}

async function applyReplicas(
  ctx: Ctx,
  { writes }: WorkloadParts,
  { set, plan }: { readonly set: ReplicaSet; readonly plan: ReplicaPlan },
): Promise<Fault | undefined> {
  const generateName = nameBase(set.metadata.name);
  const notCreated = await inGrowingBatches(Array.from({ length: plan.create }), async () => {
    const name = `${generateName}${ctx.ids.suffix(SUFFIX_LENGTH)}`;
    await writes.create(ctx, set, podFromTemplate(set, set.spec.template, { name, generateName }));
    ctx.events.record(podCreated(set, name));
  });
  if (notCreated !== undefined) {
    ctx.events.record(podNotCreated(set, notCreated.message));
    return { failure: { reason: 'FailedCreate', message: notCreated.message }, error: notCreated };
  }
  const notDeleted = await inGrowingBatches(plan.remove, async (pod) => {
    await writes.delete(ctx, pod);
    ctx.events.record(podDeleted(set, pod.metadata.name));
  });
  if (notDeleted === undefined) return undefined;
  ctx.events.record(podNotDeleted(set, notDeleted.message));
  return { failure: { reason: 'FailedDelete', message: notDeleted.message }, error: notDeleted };
}
