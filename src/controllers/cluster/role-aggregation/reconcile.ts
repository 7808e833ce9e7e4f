import type { ClusterRole } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { clusterRoles } from '#api/resources.ts';
import { deepEqual } from '#kit/json.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { planRules } from './plan.ts';

/** Writes the gathered rules into a role whose rules are others. */
export async function reconcileAggregatedRole(ctx: Ctx, informer: Informer<ClusterRole>, role: ClusterRole): Promise<Outcome> {
  if (role.aggregationRule === undefined || role.metadata.deletionTimestamp !== undefined) return done;
  const rules = planRules(role, informer.all());
  if (deepEqual(rules, role.rules ?? [])) return done;
  // why with the version: the rule that says what is gathered may have changed meanwhile
  const body = { metadata: { resourceVersion: role.metadata.resourceVersion }, rules };
  await ctx.client.patch(clusterRoles, { key: keyOf(role), patch: { type: 'merge', body } });
  return done;
}
