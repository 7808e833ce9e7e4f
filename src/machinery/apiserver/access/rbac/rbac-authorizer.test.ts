import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PolicyRule, RoleRef, Subject } from '#api/generated/kubernetes.ts';
import { clusterRoleBindings, clusterRoles, namespaces, RBAC_GROUP, roleBindings, roles } from '#api/resources.ts';
import type { Client } from '#machinery/client/client.ts';
import { silentLogger } from '#kit/log.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { openStore } from '#machinery/store/open-store.ts';
import type { Store } from '#machinery/store/store.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import type { Attributes } from '../../contract/authorizer.ts';
import { MASTERS, type UserInfo } from '../../contract/user.ts';
import { escalationCheck } from './escalation.ts';
import { RbacAuthorizer } from './rbac-authorizer.ts';
import { ruleAllows } from './rule-matching.ts';

const ann: UserInfo = { name: 'ann', groups: ['devs', 'system:authenticated'] };

interface Ask {
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

function ask({ verb = 'get', group = '', resource = 'pods', subresource = '', namespace = 'ns', name = 'x' }: Ask, user = ann): Attributes {
  return { type: 'resource', user, verb, resource: { group, version: 'v1', plural: resource }, subresource, namespace, name };
}

const rule = (fields: Partial<PolicyRule>): PolicyRule => ({ apiGroups: [''], resources: ['pods'], verbs: ['get'], ...fields });

describe('API-3: a rule of RBAC', () => {
  it.each<{ name: string; rule: PolicyRule; asked: Ask; allowed: boolean }>([
    { name: 'verb, group and resource', rule: rule({}), asked: {}, allowed: true },
    { name: 'another verb', rule: rule({}), asked: { verb: 'list' }, allowed: false },
    { name: 'another group', rule: rule({}), asked: { group: 'apps' }, allowed: false },
    { name: 'another resource', rule: rule({}), asked: { resource: 'secrets' }, allowed: false },
    { name: 'any verb', rule: rule({ verbs: ['*'] }), asked: { verb: 'deletecollection' }, allowed: true },
    { name: 'any group', rule: rule({ apiGroups: ['*'] }), asked: { group: 'apps' }, allowed: true },
    { name: 'any resource', rule: rule({ resources: ['*'] }), asked: { resource: 'secrets' }, allowed: true },
    { name: 'any resource, a subresource', rule: rule({ resources: ['*'] }), asked: { subresource: 'log' }, allowed: true },
    { name: 'a resource, its subresource', rule: rule({}), asked: { subresource: 'log' }, allowed: false },
    { name: 'a subresource', rule: rule({ resources: ['pods/log'] }), asked: { subresource: 'log' }, allowed: true },
    { name: 'a subresource, its resource', rule: rule({ resources: ['pods/log'] }), asked: {}, allowed: false },
    {
      name: 'a subresource of any resource',
      rule: rule({ resources: ['*/scale'] }),
      asked: { resource: 'widgets', subresource: 'scale' },
      allowed: true,
    },
    {
      name: 'a subresource of any resource, another',
      rule: rule({ resources: ['*/scale'] }),
      asked: { subresource: 'log' },
      allowed: false,
    },
    { name: 'a name', rule: rule({ resourceNames: ['x'] }), asked: {}, allowed: true },
    { name: 'a name, another', rule: rule({ resourceNames: ['y'] }), asked: {}, allowed: false },
    { name: 'a name, a list', rule: rule({ resourceNames: ['x'] }), asked: { name: '' }, allowed: false },
    { name: 'no names, a list', rule: rule({ resourceNames: [] }), asked: { name: '' }, allowed: true },
    { name: 'no groups', rule: { resources: ['pods'], verbs: ['get'] }, asked: {}, allowed: false },
    { name: 'paths only', rule: { nonResourceURLs: ['*'], verbs: ['*'] }, asked: {}, allowed: false },
  ])('of $name', ({ rule: tried, asked, allowed }) => {
    expect(ruleAllows(tried, ask(asked))).toBe(allowed);
  });

  it.each([
    { pattern: '/metrics', path: '/metrics', allowed: true },
    { pattern: '/metrics', path: '/metrics/x', allowed: false },
    { pattern: '/apis/*', path: '/apis/apps', allowed: true },
    { pattern: '/apis/*', path: '/apis', allowed: false },
    { pattern: '*', path: '/', allowed: true },
    { pattern: '/a*b', path: '/axb', allowed: false },
  ])('of the path $pattern and $path', ({ pattern, path, allowed }) => {
    expect(ruleAllows({ nonResourceURLs: [pattern], verbs: ['get'] }, { type: 'path', user: ann, verb: 'get', path })).toBe(allowed);
  });
});

describe('API-3: decisions of RBAC', () => {
  let api: TestApi;
  let rbac: RbacAuthorizer;
  beforeEach(async () => {
    api = await startTestApi();
    rbac = new RbacAuthorizer(api.store);
    await api.client.create(namespaces, { metadata: { name: 'ns' }, spec: {} });
    await api.client.create(clusterRoles, { metadata: { name: 'reader' }, rules: [rule({})] });
    await api.client.create(roles, { metadata: { name: 'reader', namespace: 'ns' }, rules: [rule({ resources: ['secrets'] })] });
  });
  afterEach(async () => {
    rbac.close();
    await api.close();
  });

  const clusterRef: RoleRef = { kind: 'ClusterRole', name: 'reader' };
  const bind = (subject: Subject, roleRef = clusterRef): Promise<unknown> =>
    api.client.create(roleBindings, { metadata: { name: 'b', namespace: 'ns' }, roleRef, subjects: [subject] });
  const may = (asked: Ask, user = ann): boolean => rbac.authorize(ask(asked, user)).verdict === 'allow';

  it.each<{ name: string; subject: Subject; user: UserInfo; allowed: boolean }>([
    { name: 'a user', subject: { kind: 'User', name: 'ann' }, user: ann, allowed: true },
    { name: 'another user', subject: { kind: 'User', name: 'bob' }, user: ann, allowed: false },
    { name: 'a group', subject: { kind: 'Group', name: 'devs' }, user: ann, allowed: true },
    { name: 'a group of the name of a user', subject: { kind: 'Group', name: 'ann' }, user: ann, allowed: false },
    {
      name: 'a service account',
      subject: { kind: 'ServiceAccount', name: 's', namespace: 'o' },
      user: { name: 'system:serviceaccount:o:s', groups: [] },
      allowed: true,
    },
    {
      name: 'a service account of the namespace',
      subject: { kind: 'ServiceAccount', name: 's' },
      user: { name: 'system:serviceaccount:ns:s', groups: [] },
      allowed: true,
    },
    {
      name: 'a service account of another namespace',
      subject: { kind: 'ServiceAccount', name: 's' },
      user: { name: 'system:serviceaccount:o:s', groups: [] },
      allowed: false,
    },
  ])('for $name', async ({ subject, user, allowed }) => {
    await bind(subject);
    expect(may({}, user)).toBe(allowed);
  });

  it('a RoleBinding grants a ClusterRole in its namespace only', async () => {
    await bind({ kind: 'User', name: 'ann' });
    expect([may({}), may({ namespace: 'default' }), may({ namespace: '' }), may({ resource: 'secrets' })]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('a ClusterRoleBinding grants it everywhere', async () => {
    await api.client.create(clusterRoleBindings, {
      metadata: { name: 'b' },
      roleRef: clusterRef,
      subjects: [{ kind: 'Group', name: 'devs' }],
    });
    expect([may({}), may({ namespace: 'default' }), may({ namespace: '' })]).toEqual([true, true, true]);
    expect(rbac.authorize(ask({})).reason).toBe('RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reader" to Group "devs"');
  });

  it('follows changes of roles, of subjects, and deletions', async () => {
    await bind({ kind: 'User', name: 'ann' }, { kind: 'Role', name: 'reader' });
    expect(may({ resource: 'secrets' })).toBe(true);
    const key = { namespace: 'ns', name: 'b' };
    await api.client.patch(roleBindings, {
      key,
      patch: { type: 'merge', body: { subjects: [{ kind: 'User', name: 'bob', apiGroup: RBAC_GROUP }] } },
    });
    expect([may({ resource: 'secrets' }), may({ resource: 'secrets' }, { name: 'bob', groups: [] })]).toEqual([false, true]);
    await api.client.patch(roles, { key: { namespace: 'ns', name: 'reader' }, patch: { type: 'merge', body: { rules: [] } } });
    expect(may({ resource: 'secrets' }, { name: 'bob', groups: [] })).toBe(false);
    await api.client.delete(roles, { namespace: 'ns', name: 'reader' });
    expect(rbac.authorize(ask({}, { name: 'bob', groups: [] })).reason).toBe('RBAC: role.rbac.authorization.k8s.io "reader" not found');
    await api.client.delete(roleBindings, key);
    expect(rbac.authorize(ask({}, { name: 'bob', groups: [] }))).toEqual({ verdict: 'no-opinion' });
  });

  it('knows what was there before it started', async () => {
    await bind({ kind: 'User', name: 'ann' });
    const later = new RbacAuthorizer(api.store);
    expect(later.authorize(ask({})).verdict).toBe('allow');
    expect(later.rulesFor(ann, 'ns')).toEqual([rule({})]);
    expect(later.rulesFor(ann, 'default')).toEqual([]);
    later.close();
  });
});

describe('API-3: nobody grants what he does not have', () => {
  let store: Store;
  let api: TestApi;
  let rbac: RbacAuthorizer;
  let asAnn: Client;
  beforeEach(async () => {
    store = await openStore({ engine: new MemoryEngine(), clock: new FakeClock(), log: silentLogger });
    rbac = new RbacAuthorizer(store);
    api = await startTestApi({ store, authorizers: [rbac], admission: [escalationCheck(rbac)] });
    asAnn = api.server.clientFor(ann);
    const policies = rule({ apiGroups: [RBAC_GROUP], resources: ['*'], verbs: ['create', 'update', 'patch', 'get'] });
    await api.client.create(clusterRoles, {
      metadata: { name: 'own' },
      rules: [policies, rule({ verbs: ['get', 'list'] }), rule({ resources: ['*/scale'] })],
    });
    await api.client.create(clusterRoles, { metadata: { name: 'all' }, rules: [rule({ resources: ['*'], verbs: ['*'] })] });
    await api.client.create(clusterRoleBindings, {
      metadata: { name: 'own' },
      roleRef: { kind: 'ClusterRole', name: 'own' },
      subjects: [{ kind: 'User', name: 'ann' }],
    });
  });
  afterEach(async () => {
    rbac.close();
    await api.close();
  });
  const inDefault = { name: 'r', namespace: 'default' };

  it.each<{ name: string; rules: PolicyRule[]; missing: string | undefined }>([
    { name: 'rights he has', rules: [rule({ verbs: ['get', 'list'] })], missing: undefined },
    { name: 'less', rules: [rule({ resourceNames: ['x'] })], missing: undefined },
    { name: 'a subresource of any', rules: [rule({ resources: ['pods/scale'] })], missing: undefined },
    {
      name: 'another verb',
      rules: [rule({ verbs: ['get', 'delete', 'watch'] })],
      missing: '{APIGroups:[""], Resources:["pods"], Verbs:["delete" "watch"]}',
    },
    {
      name: 'everything',
      rules: [rule({ apiGroups: ['*'], resources: ['*'], verbs: ['*'] })],
      missing: '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
    },
    {
      name: 'another thing',
      rules: [rule({ resources: ['secrets'], resourceNames: ['a'] })],
      missing: '{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get"]}',
    },
  ])('by a role with $name', async ({ rules, missing }) => {
    const creation = asAnn.create(roles, { metadata: inDefault, rules });
    if (missing === undefined) await expect(creation).resolves.toMatchObject({ rules });
    else {
      const text = `roles.rbac.authorization.k8s.io "r" is forbidden: user "ann" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n${missing}`;
      await expect(creation).rejects.toMatchObject({ code: 'PermissionDenied', message: text });
    }
  });

  it('by a change of a role, but may label it', async () => {
    const body = { rules: [rule({ resources: ['*'], verbs: ['*'] })] };
    const change = (patched: object): Promise<unknown> =>
      asAnn.patch(clusterRoles, { key: { namespace: '', name: 'all' }, patch: { type: 'merge', body: patched } });
    await expect(change({ metadata: { labels: { a: 'b' } } })).resolves.toBeDefined();
    await expect(change({ rules: [...body.rules, rule({ verbs: ['delete'] })] })).rejects.toThrow('not currently held');
  });

  it('by a role that gathers', async () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
    await expect(asAnn.create(clusterRoles, { metadata: { name: 'g' }, aggregationRule })).rejects.toThrow(
      'must have cluster-admin privileges to use the aggregationRule',
    );
  });

  const bindTo = (name: string): Promise<unknown> =>
    asAnn.create(roleBindings, { metadata: inDefault, roleRef: { kind: 'ClusterRole', name }, subjects: [{ kind: 'User', name: 'bob' }] });

  it('by a binding', async () => {
    await expect(bindTo('all')).rejects.toThrow('rolebindings.rbac.authorization.k8s.io "r" is forbidden: user "ann"');
    await expect(bindTo('none')).rejects.toThrow('clusterroles.rbac.authorization.k8s.io "none" not found');
    await expect(bindTo('own')).resolves.toBeDefined();
  });

  it.each([
    { verb: 'bind', act: () => bindTo('all') },
    { verb: 'escalate', act: () => asAnn.create(roles, { metadata: inDefault, rules: [rule({ verbs: ['*'] })] }) },
  ])('but with the verb $verb', async ({ verb, act }) => {
    await expect(act()).rejects.toThrow('not currently held');
    await api.client.create(clusterRoles, {
      metadata: { name: verb },
      rules: [rule({ apiGroups: [RBAC_GROUP], resources: ['*'], verbs: [verb] })],
    });
    await api.client.create(clusterRoleBindings, {
      metadata: { name: verb },
      roleRef: { kind: 'ClusterRole', name: verb },
      subjects: [{ kind: 'Group', name: 'devs' }],
    });
    await expect(act()).resolves.toBeDefined();
  });

  it('but as a member of system:masters', async () => {
    const root = api.server.clientFor({ name: 'root', groups: [MASTERS] });
    await expect(root.create(roles, { metadata: inDefault, rules: [rule({ verbs: ['*'] })] })).resolves.toBeDefined();
  });
});
