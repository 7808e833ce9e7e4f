import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  pods,
  serviceAccounts,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/resources.ts';
import { isRecord } from '#kit/json.ts';
import { type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const namespace = 'default';
const POD = `/api/v1/namespaces/${namespace}/pods/x`;
const ACCOUNT = `/api/v1/namespaces/${namespace}/serviceaccounts/x`;

let server: SignedInApi;
beforeEach(async () => {
  server = await startSignedInApi();
  const { client } = server.api;
  await client.create(pods, { metadata: { name: 'x', namespace }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  await client.create(serviceAccounts, { metadata: { name: 'x', namespace } });
});
afterEach(() => server.close());

const rules = (resource: string, operation: string) => ({
  resourceRules: [{ operations: [operation], apiGroups: [''], apiVersions: ['v1'], resources: [resource] }],
});
async function refuse(resource: string, operation = 'CREATE'): Promise<void> {
  const messageExpression = [
    'request.kind.kind',
    'request.resource.resource',
    'request.subResource',
    'request.operation',
    'object.kind',
  ].join(' + " " + ');
  const spec = { matchConstraints: rules(resource, operation), validations: [{ expression: 'false', messageExpression }] };
  await server.api.client.create(validatingAdmissionPolicies, { metadata: { name: 'p' }, spec });
  await server.api.client.create(validatingAdmissionPolicyBindings, {
    metadata: { name: 'p' },
    spec: { policyName: 'p', validationActions: ['Deny'] },
  });
}
async function change(resource: string, expression: string, patchType = 'JSONPatch'): Promise<void> {
  const part = { expression };
  const mutation = patchType === 'JSONPatch' ? { patchType, jsonPatch: part } : { patchType, applyConfiguration: part };
  const spec = { matchConstraints: rules(resource, 'CREATE'), mutations: [mutation], reinvocationPolicy: 'Never' };
  await server.api.client.create(mutatingAdmissionPolicies, { metadata: { name: 'p' }, spec });
  await server.api.client.create(mutatingAdmissionPolicyBindings, { metadata: { name: 'p' }, spec: { policyName: 'p' } });
}
const send = (path: string, body: object) => server.ask(path, { method: 'POST', body: JSON.stringify(body) });
const evict = () => send(`${POD}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'x' } });
const bind = () =>
  send(`${POD}/binding`, { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'x' }, target: { kind: 'Node', name: 'one' } });
const askToken = () => send(`${ACCOUNT}/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
const pod = () => server.api.client.get(pods, { namespace, name: 'x' });

describe('API-1: policies are asked about what is sent and not stored, as it was sent', () => {
  it.each([
    { resource: 'pods/eviction', send: evict, says: 'Eviction pods eviction CREATE Eviction' },
    { resource: 'pods/binding', send: bind, says: 'Binding pods binding CREATE Binding' },
    { resource: 'serviceaccounts/token', send: askToken, says: 'TokenRequest serviceaccounts token CREATE TokenRequest' },
  ])('and refuse $resource', async ({ resource, send: sent, says }) => {
    await refuse(resource);
    const { status, json } = await sent();
    expect([status, json['message']]).toEqual([422, expect.stringContaining(`denied request: ${says}`)]);
    expect((await pod()).spec.nodeName).toBeUndefined();
  });

  it('a scale is asked about, and changed, as a scale', async () => {
    const spec = {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    };
    const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await send(deployments, { metadata: { name: 'd' }, spec });
    const scale = (replicas: number) =>
      server.ask(`${deployments}/d/scale`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ spec: { replicas } }),
      });
    const forScales = {
      resourceRules: [{ operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'] }],
    };
    const messageExpression =
      'request.kind.kind + " " + request.resource.resource + " " + string(oldObject.spec.replicas) + " to " + string(object.spec.replicas)';
    await server.api.client.create(validatingAdmissionPolicies, {
      metadata: { name: 'p' },
      spec: { matchConstraints: forScales, validations: [{ expression: 'object.spec.replicas <= 5', messageExpression }] },
    });
    await server.api.client.create(validatingAdmissionPolicyBindings, {
      metadata: { name: 'p' },
      spec: { policyName: 'p', validationActions: ['Deny'] },
    });
    expect((await scale(7)).json).toMatchObject({ message: expect.stringContaining('denied request: Scale deployments 1 to 7') });
    const jsonPatch = { expression: '[JSONPatch{op: "replace", path: "/spec/replicas", value: object.spec.replicas + 1}]' };
    await server.api.client.create(mutatingAdmissionPolicies, {
      metadata: { name: 'p' },
      spec: { matchConstraints: forScales, mutations: [{ patchType: 'JSONPatch', jsonPatch }], reinvocationPolicy: 'Never' },
    });
    await server.api.client.create(mutatingAdmissionPolicyBindings, { metadata: { name: 'p' }, spec: { policyName: 'p' } });
    expect((await scale(3)).json).toMatchObject({ kind: 'Scale', spec: { replicas: 4 } });
    expect((await scale(5)).status).toBe(422);
  });

  it('but not again about what comes of it', async () => {
    await refuse('pods', 'DELETE');
    expect((await server.ask(POD, { method: 'DELETE' })).status).toBe(422);
    expect((await evict()).status).toBe(201);
    await expect(pod()).rejects.toThrow('not found');
  });

  it('and change where a pod goes, and what it gets with that', async () => {
    await change(
      'pods/binding',
      '[JSONPatch{op: "replace", path: "/target/name", value: "two"}, JSONPatch{op: "add", path: "/metadata/labels", value: {"rack": "r"}}, JSONPatch{op: "add", path: "/metadata/annotations", value: {"a": "b"}}]',
    );
    expect((await bind()).status).toBe(201);
    const { spec, metadata } = await pod();
    expect([spec.nodeName, metadata.labels, metadata.annotations]).toEqual(['two', { rack: 'r' }, { a: 'b' }]);
  });

  it('and merge a configuration into a binding', async () => {
    await change(
      'pods/binding',
      'Object{metadata: Object.metadata{annotations: {"a": "b"}}, target: Object.target{name: "two"}}',
      'ApplyConfiguration',
    );
    expect((await bind()).json).toMatchObject({
      message: expect.stringContaining('may not mutate atomic arrays, maps or structs: .target'),
    });
    await server.api.client.delete(mutatingAdmissionPolicies, { namespace: '', name: 'p' });
    await server.api.client.delete(mutatingAdmissionPolicyBindings, { namespace: '', name: 'p' });
    await change('pods/binding', 'Object{metadata: Object.metadata{annotations: {"a": "b"}}}', 'ApplyConfiguration');
    expect((await bind()).status).toBe(201);
    const { spec, metadata } = await pod();
    expect([spec.nodeName, metadata.annotations]).toEqual(['one', { a: 'b' }]);
  });

  it('and change how long a token is good for, within what may be asked', async () => {
    await change('serviceaccounts/token', '[JSONPatch{op: "replace", path: "/spec/expirationSeconds", value: 900}]');
    const { status, json } = await askToken();
    expect([status, isRecord(json['spec']) ? json['spec']['expirationSeconds'] : undefined]).toEqual([201, 900]);
  });

  it.each([
    { expression: 'Object{}', patchType: 'ApplyConfiguration', says: 'no corresponding type for policy/v1, Kind=Eviction' },
    { expression: '[JSONPatch{op: "add", path: "/foo", value: 1}]', patchType: 'JSONPatch', says: 'unknown field "foo"' },
    {
      expression: '[JSONPatch{op: "replace", path: "/kind", value: "Pod"}]',
      patchType: 'JSONPatch',
      says: 'kind and apiVersion have to stay',
    },
  ])('and refuse what can not be: $says', async ({ expression, patchType, says }) => {
    await change('pods/eviction', expression, patchType);
    const { status, json } = await evict();
    expect([status, json['message']]).toEqual([403, expect.stringContaining(says)]);
  });
});
