import type { Deployment } from '#api/generated/kubernetes.ts';
import { formatKey } from '#api/meta/object.ts';
import { deployments, replicaSets } from '#api/resources.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { controllerOf, keysOfOwners, OWNED_INDEXES, OwnedObjects, SELECTOR_INDEXES } from '../owners.ts';
import type { WorkloadParts } from '../workload-parts.ts';
import { type DeploymentParts, reconcileDeployment } from './reconcile.ts';

/** Deployments that are worked on at a time. */
const CONCURRENCY = 8;

/** Replaces pods by those of a new template, step by step (kube-controller-manager's `deployment` controller). */
export function createDeploymentController({ informers, pods }: WorkloadParts): Controller<Deployment> {
  const informer = informers.for(deployments, SELECTOR_INDEXES);
  const sets = informers.for(replicaSets, { ...OWNED_INDEXES, ...SELECTOR_INDEXES });
  const parts: DeploymentParts = { sets, setsOf: new OwnedObjects(sets), pods };
  return {
    name: 'deployment',
    resource: deployments,
    informer,
    triggers: [
      trigger(sets, (set, previous) => keysOfOwners(informer, set, previous)),
      trigger(pods, (pod) => {
        // why only the last pod of a set: a change without overlap waits for it, and all else is in the status of the sets
        const owner = controllerOf(pod.metadata);
        if (owner?.kind !== replicaSets.kind || pods.byIndex('controller', owner.uid).length > 0) return [];
        const set = controllerOf(sets.get({ namespace: pod.metadata.namespace ?? '', name: owner.name })?.metadata ?? pod.metadata);
        return set?.kind === deployments.kind ? [formatKey({ namespace: pod.metadata.namespace ?? '', name: set.name })] : [];
      }),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, deployment) => reconcileDeployment(ctx, parts, deployment),
  };
}
