import type { ReplicaSet } from '#api/generated/kubernetes.ts';
import { replicaSets } from '#api/resources.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { keysOfOwners, OWNED_INDEXES, SELECTOR_INDEXES } from '../owners.ts';
import type { WorkloadParts } from '../workload-parts.ts';
import { reconcileReplicaSet } from './reconcile.ts';

/** ReplicaSets that are worked on at a time. */
const CONCURRENCY = 8;

/** Keeps as many pods of a ReplicaSet as it asks for (kube-controller-manager's `replicaset` controller). */
export function createReplicaSetController(parts: WorkloadParts): Controller<ReplicaSet> {
  const informer = parts.informers.for(replicaSets, { ...OWNED_INDEXES, ...SELECTOR_INDEXES });
  return {
    name: 'replica-set',
    resource: replicaSets,
    informer,
    triggers: [trigger(parts.pods, (pod, previous) => keysOfOwners(informer, pod, previous))],
    concurrency: CONCURRENCY,
    reconcile: (ctx, set) => reconcileReplicaSet(ctx, parts, { set, resource: replicaSets }),
  };
}
