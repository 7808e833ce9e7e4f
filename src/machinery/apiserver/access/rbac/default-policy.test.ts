import { describe, expect, it } from 'vitest';
import type { ClusterRole, PolicyRule } from '#api/generated/kubernetes.ts';
import { planRules } from '#controllers/cluster/role-aggregation/plan.ts';
import { trusted } from '#kit/json.ts';
import type { Attributes } from '../../contract/authorizer.ts';
import { DEFAULT_CLUSTER_ROLE_BINDINGS, DEFAULT_CLUSTER_ROLES } from './default-policy.ts';
import { ruleAllows } from './rule-matching.ts';

const NONE = { name: 'x', groups: [] };
const roles = trusted<readonly ClusterRole[]>(DEFAULT_CLUSTER_ROLES);

/** The rules of a role after all that it gathers gathered theirs: admin gathers edit, which gathers view. */
function rulesOf(name: string): readonly PolicyRule[] {
  let all = roles;
  for (let round = 0; round < 3; round += 1)
    all = all.map((role) => (role.aggregationRule === undefined ? role : { ...role, rules: planRules(role, all) }));
  return all.find(({ metadata }) => metadata.name === name)?.rules ?? [];
}

const RULES = new Map(['view', 'edit', 'admin', 'cluster-admin'].map((name) => [name, rulesOf(name)]));

/** `verb resource[/subresource][.group] [name]`. */
function may(role: string, asked: string): boolean {
  const [verb = '', what = ''] = asked.split(' ');
  const [, plural = '', , subresource = '', , group = ''] = /^([a-z]+)(\/([a-z]+))?(\.(.+))?$/.exec(what) ?? [];
  const attributes: Attributes = {
    type: 'resource',
    user: NONE,
    verb,
    resource: { group, version: 'v1', plural },
    subresource,
    namespace: 'ns',
    name: 'x',
  };
  return (RULES.get(role) ?? []).some((rule) => ruleAllows(rule, attributes));
}

describe('API-3: what the default roles allow, as upstream', () => {
  it.each<{ asked: string; roles: string }>([
    { asked: 'list pods', roles: 'view edit admin cluster-admin' },
    { asked: 'get pods/log', roles: 'view edit admin cluster-admin' },
    { asked: 'get pods/status', roles: 'view edit admin cluster-admin' },
    { asked: 'watch configmaps', roles: 'view edit admin cluster-admin' },
    { asked: 'list persistentvolumeclaims', roles: 'view edit admin cluster-admin' },
    { asked: 'get serviceaccounts', roles: 'view edit admin cluster-admin' },
    { asked: 'list deployments.apps', roles: 'view edit admin cluster-admin' },
    { asked: 'get secrets', roles: 'edit admin cluster-admin' },
    { asked: 'list secrets', roles: 'edit admin cluster-admin' },
    { asked: 'create pods', roles: 'edit admin cluster-admin' },
    { asked: 'create pods/exec', roles: 'edit admin cluster-admin' },
    { asked: 'get pods/exec', roles: 'edit admin cluster-admin' },
    { asked: 'create pods/eviction', roles: 'edit admin cluster-admin' },
    { asked: 'create serviceaccounts/token', roles: 'edit admin cluster-admin' },
    { asked: 'impersonate serviceaccounts', roles: 'edit admin cluster-admin' },
    { asked: 'deletecollection persistentvolumeclaims', roles: 'edit admin cluster-admin' },
    { asked: 'update deployments/scale.apps', roles: 'edit admin cluster-admin' },
    { asked: 'list roles.rbac.authorization.k8s.io', roles: 'admin cluster-admin' },
    { asked: 'create rolebindings.rbac.authorization.k8s.io', roles: 'admin cluster-admin' },
    { asked: 'create localsubjectaccessreviews.authorization.k8s.io', roles: 'admin cluster-admin' },
    { asked: 'escalate roles.rbac.authorization.k8s.io', roles: 'cluster-admin' },
    { asked: 'bind roles.rbac.authorization.k8s.io', roles: 'cluster-admin' },
    { asked: 'update pods/status', roles: 'cluster-admin' },
    { asked: 'update resourcequotas', roles: 'cluster-admin' },
    { asked: 'update namespaces', roles: 'cluster-admin' },
    { asked: 'list nodes', roles: 'cluster-admin' },
    { asked: 'list persistentvolumes', roles: 'cluster-admin' },
    { asked: 'get storageclasses.storage.k8s.io', roles: 'cluster-admin' },
    { asked: 'impersonate users', roles: 'cluster-admin' },
    { asked: 'get clusterroles.rbac.authorization.k8s.io', roles: 'cluster-admin' },
    { asked: 'create subjectaccessreviews.authorization.k8s.io', roles: 'cluster-admin' },
    { asked: 'create tokenreviews.authentication.k8s.io', roles: 'cluster-admin' },
    { asked: 'get customresourcedefinitions.apiextensions.k8s.io', roles: 'cluster-admin' },
    { asked: 'create validatingwebhookconfigurations.admissionregistration.k8s.io', roles: 'cluster-admin' },
  ])('$asked: $roles', ({ asked, roles: allowed }) => {
    expect([...RULES.keys()].filter((role) => may(role, asked)).join(' ')).toBe(allowed);
  });

  it('nobody has a role without credentials but what may be public', () => {
    const ofNobody = DEFAULT_CLUSTER_ROLE_BINDINGS.filter(({ subjects = [] }) =>
      subjects.some(({ name }) => name === 'system:unauthenticated'),
    );
    expect(ofNobody.map(({ roleRef }) => roleRef.name)).toEqual(['system:public-info-viewer']);
    expect(roles.find(({ metadata }) => metadata.name === 'system:public-info-viewer')?.rules).toEqual([
      { nonResourceURLs: ['/livez', '/readyz', '/healthz', '/version', '/version/'], verbs: ['get'] },
    ]);
  });
});
