import { withCondition } from '#api/conditions.ts';
import { without } from '#api/kinds/defaulting.ts';
import { budgetCovers, isFreeToGo, isPodHealthy } from '#api/disruption.ts';
import type { Pod, PodDisruptionBudget } from '#api/generated/kubernetes.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { podDisruptionBudgets } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import { deepFreeze, trusted } from '#kit/json.ts';
import type { DeleteOptions } from '../../client/client.ts';
import type { ServerContext } from '../contract/context.ts';
import type { AnyObject } from '../objects/json-object.ts';
import { storeKeyOf, type WriteRequest } from '../contract/request.ts';
import { badRequest, disruptionRefused, notFound } from '../contract/status-error.ts';
import { changeObject } from './change.ts';
import { checkPreconditions, deleteEvicted } from './delete.ts';

/** Deletes a pod if its budget has room for that (registry/core/pod `EvictionREST`). @throws ApiError `NotFound`; `ResourceExhausted` (429) where the budget has none */
export async function evictPod(ctx: ServerContext, request: WriteRequest, options: DeleteOptions): Promise<void> {
  const entry = ctx.store.get(storeKeyOf(request));
  if (entry === undefined) throw notFound(request.kind.resource, request.name);
  // why trusted: the store holds under pods only what their kind let through
  const pod = trusted<Pod>(entry.object);
  // why here: the mark changes the version, and a pod that is another one is not to be marked
  const others = without(options, 'resourceVersion');
  checkPreconditions(request, options, trusted<AnyObject>(entry.object));
  if (!isFreeToGo(pod)) await takePlace(ctx, request, pod);
  if (!request.isDryRun) await markDisrupted(ctx, request);
  await deleteEvicted(ctx, { ...request, subresource: '' }, { ...others, uid: pod.metadata.uid });
}

/** Says in the pod's status why it goes, so that a Job need not count it as a failure. */
async function markDisrupted(ctx: ServerContext, request: WriteRequest): Promise<void> {
  const lastTransitionTime = formatTime(ctx.clock.nowMs());
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime,
  };
  const asked: WriteRequest = { ...request, subresource: 'status', ownership: 'kept' };
  await changeObject(ctx, asked, (current) => {
    const pod = trusted<Pod>(current);
    const next = { ...pod, status: { ...pod.status, conditions: withCondition(pod.status?.conditions, condition) } };
    return Promise.resolve({ action: 'put', object: deepFreeze(trusted<AnyObject>(next)) });
  });
}

async function takePlace(ctx: ServerContext, request: WriteRequest, pod: Pod): Promise<void> {
  const { namespace } = request;
  const { entries } = ctx.store.list({ resource: groupResourceOf(podDisruptionBudgets), namespace });
  const budgets = entries.map(({ object }) => trusted<PodDisruptionBudget>(object)).filter((budget) => budgetCovers(budget, pod));
  const [first, second] = budgets;
  if (first === undefined) return;
  if (second !== undefined) {
    const names = `${first.metadata.name}, ${second.metadata.name}`;
    throw badRequest(`This pod has more than one PodDisruptionBudget, which the eviction subresource does not support: ${names}`);
  }
  const kind = ctx.registry.require(podDisruptionBudgets);
  const asked: WriteRequest = { ...request, kind, name: first.metadata.name, subresource: 'status', ownership: 'kept' };
  await changeObject(ctx, asked, (current) => {
    const next = granted(trusted<PodDisruptionBudget>(current), pod, formatTime(ctx.clock.nowMs()));
    if (next === undefined) return Promise.resolve({ action: 'keep' });
    return Promise.resolve({ action: 'put', object: deepFreeze(trusted<AnyObject>(next)) });
  });
}

/** The budget with one place taken; undefined where the pod needs none. @throws ApiError 429 */
function granted(budget: PodDisruptionBudget, pod: Pod, now: string): PodDisruptionBudget | undefined {
  if (!isPodHealthy(pod) && mayGoUnhealthy(budget)) return undefined;
  const refusal = refusalOf(budget);
  if (refusal !== undefined) throw disruptionRefused(`The disruption budget ${budget.metadata.name} ${refusal}`);
  const { status } = budget;
  const disruptedPods = { ...status?.disruptedPods, [pod.metadata.name]: now };
  return { ...budget, status: { ...status, disruptionsAllowed: (status?.disruptionsAllowed ?? 0) - 1, disruptedPods } };
}

function refusalOf({ metadata: { generation = 0 }, status = {} }: PodDisruptionBudget): string | undefined {
  const { observedGeneration = 0, disruptionsAllowed = 0, desiredHealthy = 0, currentHealthy = 0 } = status;
  if (observedGeneration < generation) return 'is still being processed by the server.';
  return disruptionsAllowed < 1 ? `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently` : undefined;
}

/** A pod that is not ready takes no place where the budget says so, or where enough others are healthy. */
function mayGoUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (currentHealthy >= desiredHealthy && desiredHealthy > 0);
}
