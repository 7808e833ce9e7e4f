import type { ClusterRole } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { clusterRoles } from '#api/resources.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { AGGREGATED, aggregationIndexes } from './plan.ts';
import { reconcileAggregatedRole } from './reconcile.ts';

/** Fills the rules of ClusterRoles that gather those of others. Only for the embedded API: a cluster has its own. */
export function createRoleAggregationController({ informers }: { readonly informers: InformerFactory }): Controller<ClusterRole> {
  const informer = informers.for(clusterRoles, aggregationIndexes);
  return {
    name: 'role-aggregation',
    resource: clusterRoles,
    informer,
    // why all of them: few roles gather, and which labels a changed role had before decides as much as those it has now
    triggers: [trigger(informer, () => [...informer.byIndex(AGGREGATED, 'yes')].map((role) => formatKey(keyOf(role))))],
    concurrency: 1,
    reconcile: (ctx, role) => reconcileAggregatedRole(ctx, informer, role),
  };
}
