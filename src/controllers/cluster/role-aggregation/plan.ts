import type { ClusterRole, PolicyRule } from '#api/generated/kubernetes.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { deepEqual } from '#kit/json.ts';

/** Index of the roles that gather rules. */
export const AGGREGATED = 'aggregated';

/** The index functions that this controller needs of the informer of ClusterRoles. */
export const aggregationIndexes = {
  [AGGREGATED]: (role: ClusterRole): readonly string[] => (role.aggregationRule === undefined ? [] : ['yes']),
};

/** The rules that `role` gathers from `all`, selector by selector, roles by name, each rule once (upstream clusterroleaggregation). */
export function planRules(role: ClusterRole, all: Iterable<ClusterRole>): readonly PolicyRule[] {
  const others = [...all]
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const { metadata, rules: found } of others) {
      if (!matchesLabelSelector(selector, metadata.labels ?? {})) continue;
      for (const rule of found ?? []) if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
