import { budgetCovers } from '#api/disruption.ts';
import type { Deployment, Pod, PodDisruptionBudget, ReplicaSet, StatefulSet } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf, type ObjectMeta, type OwnerReference } from '#api/meta/object.ts';
import { deployments, podDisruptionBudgets, pods, replicaSets, statefulSets } from '#api/resources.ts';
import { deepEqual } from '#kit/json.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { NAMESPACE_INDEX } from '../../indexes.ts';
import { planBudget } from './plan.ts';

const CONCURRENCY = 4;
/** How soon an eviction that came to nothing is forgotten, in milliseconds; its own time is longer. */
const RECHECK_MS = 60_000;

interface Sources {
  readonly budgets: Informer<PodDisruptionBudget>;
  readonly pods: Informer<Pod>;
  readonly sets: Informer<ReplicaSet>;
  readonly statefulSets: Informer<StatefulSet>;
  readonly deployments: Informer<Deployment>;
}

/** Says of each PodDisruptionBudget how many of its pods may be evicted now. Only for the embedded API: a cluster has its own. */
export function createDisruptionController({ informers }: { readonly informers: InformerFactory }): Controller<PodDisruptionBudget> {
  const sources: Sources = {
    budgets: informers.for(podDisruptionBudgets, NAMESPACE_INDEX),
    pods: informers.for(pods, NAMESPACE_INDEX),
    sets: informers.for(replicaSets),
    statefulSets: informers.for(statefulSets),
    deployments: informers.for(deployments),
  };
  const budgetsOf = (namespace: string | undefined): readonly PodDisruptionBudget[] =>
    sources.budgets.byIndex('ofNamespace', namespace ?? '');
  const keysIn = ({ metadata }: { readonly metadata: ObjectMeta }): readonly string[] =>
    budgetsOf(metadata.namespace).map((budget) => formatKey(keyOf(budget)));
  return {
    name: 'disruption',
    resource: podDisruptionBudgets,
    informer: sources.budgets,
    triggers: [
      trigger(sources.pods, (pod, previous) =>
        budgetsOf(pod.metadata.namespace)
          .filter((budget) => budgetCovers(budget, pod) || (previous !== undefined && budgetCovers(budget, previous)))
          .map((budget) => formatKey(keyOf(budget))),
      ),
      trigger(sources.sets, (set, previous) => (set.spec.replicas === previous?.spec.replicas ? [] : keysIn(set))),
      trigger(sources.statefulSets, (set, previous) => (set.spec.replicas === previous?.spec.replicas ? [] : keysIn(set))),
      trigger(sources.deployments, (one, previous) => (one.spec.replicas === previous?.spec.replicas ? [] : keysIn(one))),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, budget) => reconcileBudget(ctx, sources, budget),
  };
}

async function reconcileBudget(ctx: Ctx, sources: Sources, budget: PodDisruptionBudget): Promise<Outcome> {
  if (budget.metadata.deletionTimestamp !== undefined) return done;
  const covered = sources.pods.byIndex('ofNamespace', budget.metadata.namespace ?? '').filter((pod) => budgetCovers(budget, pod));
  const status = planBudget(budget, { pods: covered, expected: expectedOf(sources, covered), nowMs: ctx.clock.nowMs() });
  if (!deepEqual(status, budget.status)) await ctx.client.update(podDisruptionBudgets, { ...budget, status }, { subresource: 'status' });
  return status.disruptedPods === undefined ? done : after(RECHECK_MS, 'waiting for evicted pods to go');
}

/** What the controllers of the pods ask for together; a pod without one that can be asked counts for itself. */
function expectedOf(sources: Sources, covered: readonly Pod[]): number {
  const counts = new Map<string, number>();
  for (const { metadata } of covered) {
    const scale = scaleOf(sources, metadata.namespace ?? '', controllerOf(metadata));
    if (scale === undefined) counts.set(`pod ${metadata.uid}`, 1);
    else counts.set(scale.uid, scale.replicas);
  }
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

interface Scale {
  readonly uid: string;
  readonly replicas: number;
}

function scaleOf(sources: Sources, namespace: string, owner: OwnerReference | undefined): Scale | undefined {
  if (owner === undefined) return undefined;
  const key = { namespace, name: owner.name };
  switch (owner.kind) {
    case 'Deployment':
      return scaleIf(sources.deployments.get(key), owner);
    case 'StatefulSet':
      return scaleIf(sources.statefulSets.get(key), owner);
    case 'ReplicaSet': {
      const set = sources.sets.get(key);
      const above = set === undefined ? undefined : scaleOf(sources, namespace, controllerOf(set.metadata));
      return above ?? scaleIf(set, owner);
    }
    default:
      return undefined;
  }
}

function scaleIf(object: Deployment | StatefulSet | ReplicaSet | undefined, { uid }: OwnerReference): Scale | undefined {
  return object?.metadata.uid === uid ? { uid, replicas: object.spec.replicas ?? 1 } : undefined;
}

function controllerOf({ ownerReferences = [] }: ObjectMeta): OwnerReference | undefined {
  return ownerReferences.find(({ controller }) => controller === true);
}
