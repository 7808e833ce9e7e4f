import type { Pod, ReplicaSet, ReplicationController } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { replicationControllers } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { NAMESPACE_INDEX } from '../../../indexes.ts';
import { controllerOf } from '../owners.ts';
import { reconcileReplicaSet } from '../replica-set/reconcile.ts';
import type { WorkloadParts } from '../workload-parts.ts';

/** ReplicationControllers that are worked on at a time. */
const CONCURRENCY = 4;
/** The kind as the code of ReplicaSets knows it. */
// why trusted: apart from the form of the selector the two kinds are the same, and reconciling reads it from what asReplicaSet made
const AS_REPLICA_SETS = trusted<Resource<ReplicaSet>>(replicationControllers);

/** Keeps as many pods of a ReplicationController as it asks for, as if it were a ReplicaSet (kube-controller-manager does the same). */
export function createReplicationControllerController(parts: WorkloadParts): Controller<ReplicationController> {
  const informer = parts.informers.for(replicationControllers, NAMESPACE_INDEX);
  return {
    name: 'replication-controller',
    resource: replicationControllers,
    informer,
    triggers: [trigger(parts.pods, (pod, previous) => keysFor(informer, pod, previous))],
    concurrency: CONCURRENCY,
    reconcile: (ctx, controller) => reconcileReplicaSet(ctx, parts, { set: asReplicaSet(controller), resource: AS_REPLICA_SETS }),
  };
}

/** The same with its selector in the newer form. Pure. */
function asReplicaSet(controller: ReplicationController): ReplicaSet {
  const { spec } = controller;
  // why trusted: what is left is the same in both
  return trusted<ReplicaSet>({ ...controller, spec: { ...spec, selector: { matchLabels: spec?.selector ?? {} } } });
}

function keysFor(known: Informer<ReplicationController>, pod: Pod, previous: Pod | undefined): readonly string[] {
  const keys = new Set<string>();
  for (const { metadata } of previous === undefined ? [pod] : [pod, previous]) {
    const owner = controllerOf(metadata);
    const { namespace = '' } = metadata;
    if (owner?.kind === replicationControllers.kind) keys.add(formatKey({ namespace, name: owner.name }));
    if (owner !== undefined) continue;
    for (const controller of known.byIndex('ofNamespace', namespace))
      if (matchesLabelSelector({ matchLabels: controller.spec?.selector ?? {} }, metadata.labels)) keys.add(formatKey(keyOf(controller)));
  }
  return [...keys];
}
