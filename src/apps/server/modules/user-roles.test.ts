import { describe, expect, it } from 'vitest';
import type { ClusterRole, PolicyRule } from '#api/generated/kubernetes.ts';
import { planRules } from '#controllers/cluster/role-aggregation/plan.ts';
import { trusted } from '#kit/json.ts';
import { DEFAULT_CLUSTER_ROLES } from '#machinery/apiserver/access/rbac/default-policy.ts';
import { ruleAllows } from '#machinery/apiserver/access/rbac/rule-matching.ts';
import { loadModules, type Module } from './manifest.ts';
import { MODULES } from './modules.ts';

const modules = await loadModules(MODULES);
const rolesOf = (wanted: readonly Module[]) => trusted<readonly ClusterRole[]>(wanted.flatMap(({ roles }) => roles?.() ?? []));

/** What a role allows beside roles of these modules: admin gathers edit, which gathers view. */
function gathered(name: string, wanted: readonly Module[]): readonly PolicyRule[] {
  let all = [...trusted<readonly ClusterRole[]>(DEFAULT_CLUSTER_ROLES), ...rolesOf(wanted)];
  for (let round = 0; round < 3; round += 1)
    all = all.map((role) => (role.aggregationRule === undefined ? role : { ...role, rules: planRules(role, all) }));
  return all.find(({ metadata }) => metadata.name === name)?.rules ?? [];
}

/** `verb plural[/subresource].group` */
function allows(rules: readonly PolicyRule[], asked: string): boolean {
  const [, verb = '', plural = '', subresource = '', group = ''] = /^(\w+) (\w+)(?:\/(\w+))?\.(.+)$/.exec(asked) ?? [];
  const user = { name: 'eva', groups: [] };
  const resource = { group, version: 'v1', plural };
  return rules.some((rule) => ruleAllows(rule, { type: 'resource', user, verb, resource, subresource, namespace: 'shop', name: 'x' }));
}

describe('API-3: roles of modules', () => {
  it.each([
    { asked: 'list volumesnapshots.snapshot.storage.k8s.io', roles: 'view edit admin' },
    { asked: 'get volumesnapshots/status.snapshot.storage.k8s.io', roles: 'view edit admin' },
    { asked: 'create volumesnapshots.snapshot.storage.k8s.io', roles: 'edit admin' },
    { asked: 'update volumesnapshots/status.snapshot.storage.k8s.io', roles: '' },
    { asked: 'list volumesnapshotcontents.snapshot.storage.k8s.io', roles: '' },
    { asked: 'delete volumegroupsnapshots.groupsnapshot.storage.k8s.io', roles: 'edit admin' },
    { asked: 'create bucketclaims.objectstorage.k8s.io', roles: 'edit admin' },
    { asked: 'create bucketclasses.objectstorage.k8s.io', roles: '' },
    { asked: 'patch replicationsources.volsync.backube', roles: 'edit admin' },
    { asked: 'list localvolumes.local.storage.openshift.io', roles: '' },
  ])('let $asked: $roles', ({ asked, roles }) => {
    expect(['view', 'edit', 'admin'].filter((name) => allows(gathered(name, modules), asked)).join(' ')).toBe(roles);
  });

  it('are what gives these rights, and go with their module', () => {
    const asked = 'create volumesnapshots.snapshot.storage.k8s.io';
    const without = modules.filter(({ name }) => name !== 'snapshots');
    expect(allows(gathered('edit', without), asked)).toBe(false);
    expect(rolesOf(modules).find(({ metadata }) => metadata.name === 'stowage:snapshots:edit')?.metadata.labels).toEqual({
      'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
    });
  });

  it('speak of kinds that their own module brings, in namespaces, and of nothing else', () => {
    for (const { name, definitions, roles } of modules) {
      const namespaced = (definitions?.() ?? []).filter(({ spec }) => spec.scope === 'Namespaced');
      const known = namespaced.flatMap(({ spec }) => [`${spec.names.plural}.${spec.group}`, `${spec.names.plural}/status.${spec.group}`]);
      for (const { rules = [] } of roles?.() ?? [])
        for (const { apiGroups = [], resources = [] } of rules)
          for (const resource of resources) expect(known, name).toContain(`${resource}.${apiGroups.join()}`);
    }
  });

  it('have names of their own', () => {
    const names = [...DEFAULT_CLUSTER_ROLES, ...rolesOf(modules)].map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(names.length);
  });
});
