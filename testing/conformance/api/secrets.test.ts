import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RBAC_GROUP, clusterRoleBindings, roleBindings, secrets, serviceAccounts } from '#api/resources.ts';
import type { AuditRecord } from '#machinery/apiserver/contract/audit.ts';
import type { Logger } from '#kit/log.ts';
import { type Ask, type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const VALUE = 'hunter2-the-value';
const ENCODED = Buffer.from(VALUE).toString('base64');
const SECRETS = '/api/v1/namespaces/default/secrets';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const PARTIAL = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const PARTIAL_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

let server: SignedInApi;
const audited: AuditRecord[] = [];
const logged: string[] = [];
const note = (message: string, fields?: object): void =>
  void logged.push(JSON.stringify({ message, fields, err: String(fields !== undefined && 'err' in fields ? fields.err : '') }));
const log: Logger = { error: note, warn: note, info: note, debug: note, with: () => log };

beforeAll(async () => {
  server = await startSignedInApi({ audit: { record: (record) => audited.push(record) }, log });
  const { client } = server.api;
  await client.create(secrets, {
    metadata: { name: 's', namespace: 'default', labels: { marker: 'of-the-secret' } },
    data: { password: ENCODED },
  });
  await client.create(roleBindings, {
    metadata: { name: 'vera', namespace: 'default' },
    // why not `view`: its rules are gathered by a controller that does not run here
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: 'system:aggregate-to-view' },
    subjects: [{ apiGroup: RBAC_GROUP, kind: 'User', name: 'vera' }],
  });
});
afterAll(() => server.close());

describe('API-3: a viewer reads no secret', () => {
  it('but everything else of the namespace', async () => {
    expect((await server.ask('/api/v1/namespaces/default/configmaps', { token: 'vera' })).status).toBe(200);
    expect((await server.ask('/api/v1/namespaces/kube-system/configmaps', { token: 'vera' })).status).toBe(403);
  });

  const body = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' } });
  const patch = (type: string, rest = ''): Ask & { path: string } => ({
    path: `${SECRETS}/s${rest}`,
    method: 'PATCH',
    body: type.includes('json-patch') ? '[]' : body,
    headers: { 'content-type': type },
  });
  it.each<Ask & { path: string }>([
    { path: `${SECRETS}/s` },
    { path: `${SECRETS}/s`, method: 'HEAD' },
    { path: SECRETS },
    { path: '/api/v1/secrets' },
    { path: '/api/v1/secrets?limit=1' },
    { path: `${SECRETS}?fieldSelector=metadata.name%3Ds` },
    { path: `${SECRETS}?labelSelector=marker` },
    { path: `${SECRETS}?watch=true` },
    { path: `${SECRETS}?watch=1&fieldSelector=metadata.name%3Ds` },
    { path: `${SECRETS}/s?watch=true` },
    { path: `${SECRETS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true` },
    { path: '/api/v1/watch/namespaces/default/secrets' },
    { path: SECRETS, headers: { accept: TABLE } },
    { path: `${SECRETS}?includeObject=Object`, headers: { accept: TABLE } },
    { path: `${SECRETS}/s`, headers: { accept: TABLE } },
    { path: `${SECRETS}/s`, headers: { accept: PARTIAL } },
    { path: SECRETS, headers: { accept: PARTIAL_LIST } },
    { path: `${SECRETS}?watch=true`, headers: { accept: PARTIAL } },
    patch('application/merge-patch+json'),
    patch('application/merge-patch+json', '?dryRun=All'),
    patch('application/strategic-merge-patch+json', '?dryRun=All'),
    patch('application/json-patch+json', '?dryRun=All'),
    patch('application/apply-patch+yaml', '?fieldManager=x&dryRun=All'),
    patch('application/apply-patch+yaml', '?fieldManager=x&force=true'),
    { path: `${SECRETS}/s?dryRun=All`, method: 'PUT', body },
    { path: `${SECRETS}?dryRun=All`, method: 'POST', body },
    { path: `${SECRETS}/s?dryRun=All`, method: 'DELETE' },
    { path: `${SECRETS}?dryRun=All`, method: 'DELETE' },
    { path: `${SECRETS}/s/status` },
    { path: `${SECRETS}/s/scale` },
    { path: '/api/v1/namespaces/default//secrets//s' },
    { path: '//api/v1/namespaces/default/secrets/s' },
    { path: '/api/v1/namespaces/default/./secrets/s' },
    { path: '/api/v1/namespaces/default/configmaps/../secrets/s' },
    { path: '/api/v1/namespaces/default/configmaps/..%2Fsecrets%2Fs' },
    { path: '/api/v1/namespaces/default/configmaps%2F..%2Fsecrets/s' },
    { path: '/api/v1/namespaces/default%2Fsecrets/s' },
    { path: '/api/v1/namespaces/default/Secrets/s' },
    { path: '/api/v1/namespaces/default/secrets/s%00' },
    { path: '/apis//v1/namespaces/default/secrets/s' },
    { path: '/apis/v1/namespaces/default/secrets/s' },
    { path: '/openapi/v3/api/v1/namespaces/default/secrets/s' },
    { path: `${SECRETS}/s`, headers: { 'x-http-method-override': 'POST', 'x-remote-user': 'admin', 'x-remote-group': 'system:masters' } },
    { path: `${SECRETS}/s`, headers: { 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' } },
    { path: `${SECRETS}/s`, headers: { 'impersonate-user': 'system:serviceaccount:default:default' } },
    { path: '/api/v1/namespaces/default/pods/s/log?container=../secrets' },
    { path: '/api/v1/namespaces/default/serviceaccounts/default/token', method: 'POST', body: '{}' },
  ])('$method $path $headers.accept $headers.content-type', async ({ path, ...ask }) => {
    const answer = await server.ask(path, { ...ask, token: 'vera' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    for (const told of [VALUE, ENCODED, 'of-the-secret']) expect(answer.text + JSON.stringify(answer.headers)).not.toContain(told);
  });

  it.each([
    { path: SECRETS, text: 'secrets is forbidden: User "vera" cannot list resource "secrets" in API group "" in the namespace "default"' },
    {
      path: '/api/v1/secrets',
      text: 'secrets is forbidden: User "vera" cannot list resource "secrets" in API group "" at the cluster scope',
    },
    {
      path: `${SECRETS}/s`,
      text: 'secrets "s" is forbidden: User "vera" cannot get resource "secrets" in API group "" in the namespace "default"',
    },
    {
      path: `${SECRETS}/none`,
      text: 'secrets "none" is forbidden: User "vera" cannot get resource "secrets" in API group "" in the namespace "default"',
    },
    {
      path: `${SECRETS}?watch=1`,
      text: 'secrets is forbidden: User "vera" cannot watch resource "secrets" in API group "" in the namespace "default"',
    },
    { path: '/metrics', text: 'forbidden: User "vera" cannot get path "/metrics"' },
  ])('and is told so as upstream does: $path', async ({ path, text }) => {
    expect((await server.ask(path, { token: 'vera' })).json).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'Forbidden',
      code: 403,
      message: text,
    });
  });
});

describe('API-3: without credentials', () => {
  it.each([
    { path: '/healthz', status: 200 },
    { path: '/livez', status: 200 },
    { path: '/readyz', status: 200 },
    { path: '/version', status: 200 },
    { path: '/', status: 401 },
    { path: '/api', status: 401 },
    { path: '/apis', status: 401 },
    { path: '/openapi/v2', status: 401 },
    { path: '/openapi/v3', status: 401 },
    { path: '/metrics', status: 401 },
    { path: '/openid/v1/jwks', status: 401 },
    { path: '/.well-known/openid-configuration', status: 401 },
    { path: SECRETS, status: 401 },
    { path: `${SECRETS}/s`, status: 401 },
    { path: '/api/v1/namespaces', status: 401 },
    { path: '/debug/pprof', status: 401 },
    { path: '/logs', status: 401 },
  ])('$path answers $status', async ({ path, status }) => {
    const answer = await server.ask(path, { token: '' });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.json).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401, message: 'Unauthorized' });
  });

  it.each([
    { name: 'an unknown token', headers: { authorization: 'Bearer nobody' } },
    { name: 'an empty token', headers: { authorization: 'Bearer ' } },
    { name: 'a password', headers: { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` } },
    { name: 'a token in the query', headers: {}, path: '/api?access_token=admin&token=admin' },
  ])('$name is refused', async ({ headers, path = '/api' }) => {
    expect((await server.ask(path, { token: '', headers })).status).toBe(401);
  });
});

describe('API-3: credentials stay where they are', () => {
  it('neither the audit log nor the log has tokens or what secrets hold', async () => {
    await server.api.client.create(serviceAccounts, { metadata: { name: 'robot', namespace: 'default' } });
    const path = '/api/v1/namespaces/default/serviceaccounts/robot/token';
    const { json } = await server.ask(path, { method: 'POST', body: '{"spec":{}}' });
    const token = JSON.stringify(json).match(/"token":"([^"]+)"/)?.[1] ?? '';
    expect(token.split('.')).toHaveLength(3);
    await server.ask(SECRETS, { method: 'POST', body: JSON.stringify({ metadata: { name: 'new' }, stringData: { p: VALUE } }), token });
    await server.ask(SECRETS, { method: 'POST', body: JSON.stringify({ metadata: { name: 'new' }, stringData: { p: VALUE } }) });
    await server.ask(SECRETS, { method: 'POST', body: JSON.stringify({ metadata: { name: '?' }, data: { p: VALUE } }) });
    await server.ask(`${SECRETS}/new?token=${token}`, { method: 'DELETE', token: `${token}x` });
    await server.ask('/apis/authentication.k8s.io/v1/tokenreviews', { method: 'POST', body: JSON.stringify({ spec: { token } }) });
    const kept = JSON.stringify(audited) + logged.join('\n');
    expect(kept).toContain('system:serviceaccount:default:robot');
    for (const hidden of [VALUE, ENCODED, token, token.split('.')[2] ?? '']) expect(kept).not.toContain(hidden);
  });
});

describe('API-3: tokens of service accounts over the wire', () => {
  const ACCOUNT = '/api/v1/namespaces/default/serviceaccounts/worker';
  const order = (spec: object): Promise<string> =>
    server.ask(`${ACCOUNT}/token`, { method: 'POST', body: JSON.stringify({ spec }) }).then(({ json, status }) => {
      expect(status).toBe(201);
      return JSON.stringify(json).match(/"token":"([^"]+)"/)?.[1] ?? '';
    });
  beforeAll(async () => {
    await server.api.client.create(serviceAccounts, { metadata: { name: 'worker', namespace: 'default' } });
    await server.api.client.create(clusterRoleBindings, {
      metadata: { name: 'worker' },
      roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: 'system:aggregate-to-view' },
      subjects: [{ kind: 'ServiceAccount', name: 'worker', namespace: 'default' }],
    });
  });

  it('sign in with the rights of the account, and end with the secret they are bound to', async () => {
    await server.api.client.create(secrets, { metadata: { name: 'holder', namespace: 'default' } });
    const token = await order({ boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'holder' } });
    expect((await server.ask('/api/v1/configmaps', { token })).status).toBe(200);
    expect((await server.ask(SECRETS, { token })).status).toBe(403);
    await server.api.client.delete(secrets, { name: 'holder', namespace: 'default' });
    expect((await server.ask('/api/v1/configmaps', { token })).status).toBe(401);
  });

  it.each([
    { name: 'a short life', spec: { expirationSeconds: 60 }, status: 422, says: 'may not specify a duration less than 10 minutes' },
    { name: 'a long life', spec: { expirationSeconds: 2 ** 33 }, status: 422, says: 'may not specify a duration larger than 2^32 seconds' },
    {
      name: 'an object of another kind',
      spec: { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'x' } },
      status: 422,
      says: 'supported values: \\"Pod\\", \\"Secret\\", \\"Node\\"',
    },
    {
      name: 'a missing object',
      spec: { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'no' } },
      status: 404,
      says: 'secrets \\"no\\" not found',
    },
    {
      name: 'another uid',
      spec: { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 's', uid: 'other' } },
      status: 409,
      says: 'the UID in the bound object reference (other) does not match the UID in record',
    },
  ])('are refused for $name', async ({ spec, status, says }) => {
    const answer = await server.ask(`${ACCOUNT}/token`, { method: 'POST', body: JSON.stringify({ spec }) });
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(says)]);
  });

  it('are reviewed for their audience', async () => {
    const review = (spec: object): Promise<unknown> =>
      server
        .ask('/apis/authentication.k8s.io/v1/tokenreviews', { method: 'POST', body: JSON.stringify({ spec }) })
        .then(({ json }) => json['status']);
    const token = await order({ audiences: ['vault'] });
    expect(await review({ token, audiences: ['vault'] })).toMatchObject({
      authenticated: true,
      audiences: ['vault'],
      user: { username: 'system:serviceaccount:default:worker', groups: expect.arrayContaining(['system:serviceaccounts:default']) },
    });
    expect(await review({ token })).toEqual({ error: 'invalid bearer token' });
    expect(await review({ token: 'x' })).toEqual({ error: 'invalid bearer token' });
    expect((await server.ask('/api', { token })).status).toBe(401);
  });

  it('rights of others are reviewed by those who may', async () => {
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    const body = JSON.stringify({
      spec: { user: 'system:serviceaccount:default:worker', resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'default' } },
    });
    expect((await server.ask(path, { method: 'POST', body })).json).toMatchObject({
      status: {
        allowed: true,
        reason: 'RBAC: allowed by ClusterRoleBinding "worker" of ClusterRole "system:aggregate-to-view" to ServiceAccount "worker/default"',
      },
    });
    expect((await server.ask(path, { method: 'POST', body, token: 'vera' })).status).toBe(403);
  });

  it('can be checked by others with the published key', async () => {
    const token = await order({});
    const { json } = await server.ask('/openid/v1/jwks', { token });
    expect(json).toEqual({
      keys: [{ use: 'sig', kid: expect.any(String), alg: 'ES256', kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) }],
    });
    expect((await server.ask('/.well-known/openid-configuration', { token })).json).toMatchObject({
      issuer: 'https://kubernetes.default.svc.cluster.local',
      jwks_uri: `https://127.0.0.1:${server.port}/openid/v1/jwks`,
      id_token_signing_alg_values_supported: ['ES256'],
    });
    expect((await server.ask('/openid/v1/jwks', { token: 'vera' })).status).toBe(403);
    expect((await server.ask('/openid/v1/other')).status).toBe(404);
  });
});
