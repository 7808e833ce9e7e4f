import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MutatingWebhook, ValidatingWebhook } from '#api/generated/kubernetes.ts';
import {
  configMaps,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  mutatingWebhookConfigurations,
  namespaces,
  validatingWebhookConfigurations,
} from '#api/resources.ts';
import { STARTING_USER } from '#machinery/apiserver/contract/user.ts';
import { SystemClock } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { Secret } from '#kit/secret.ts';
import type { AuditRecord } from '#machinery/apiserver/contract/audit.ts';
import { tokenAuthenticator } from '#machinery/apiserver/access/authentication.ts';
import { ensurePki, type Pki } from '#machinery/apiserver/pki/pki.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';

interface Review {
  readonly apiVersion: string;
  readonly request: {
    readonly uid: string;
    readonly operation: string;
    readonly object: { readonly metadata: { readonly name: string }; readonly data?: Readonly<Record<string, string>> } | null;
    readonly oldObject: object | null;
    readonly [field: string]: unknown;
  };
}
type Answer = object | 'silence' | 'nonsense';
type Reply = (review: Review) => Answer | Promise<Answer>;

const clock = new SystemClock();
const patch = (...operations: readonly object[]): object => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
const setData = (key: string, value: string): object => patch({ op: 'add', path: `/data/${key}`, value });

let dir: string;
let pki: Pki;
let server: Server;
let url: string;
let connections = 0;
const replies = new Map<string, Reply>();
const heard: { readonly path: string; readonly review: Review }[] = [];
const audited: AuditRecord[] = [];
let api: TestApi<SystemClock>;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'webhooks-'));
  pki = await ensurePki({ dir, clock, ids: new SystemIds(), hosts: [] });
  server = createServer({ key: pki.server.keyPem, cert: pki.server.certificatePem }, (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => void answer(request.url ?? '', trusted<Review>(JSON.parse(text)), response));
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `https://127.0.0.1:${isRecord(address) ? String(address['port']) : ''}`;
});
async function answer(asked: string, review: Review, response: ServerResponse): Promise<void> {
  const [route = ''] = asked.split('?');
  heard.push({ path: asked, review });
  const reply = await (replies.get(route) ?? (() => ({ allowed: true })))(review);
  if (reply === 'silence') return;
  if (reply === 'nonsense') response.end('nonsense');
  else
    response.end(
      JSON.stringify({ kind: 'AdmissionReview', apiVersion: review.apiVersion, response: { uid: review.request.uid, ...reply } }),
    );
}
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});
beforeEach(async () => {
  const admin = { token: new Secret('admin'), user: { name: 'admin', groups: ['system:masters'] } };
  api = await startTestApi({
    clock,
    authenticators: [tokenAuthenticator([admin])],
    audit: { record: (record) => void audited.push(record) },
  });
  replies.clear();
  heard.length = 0;
});
afterEach(() => api.close());

type Fields = Partial<MutatingWebhook & ValidatingWebhook>;
const webhook = (name: string, fields: Fields = {}): MutatingWebhook => ({
  name: `${name}.example.com`,
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { url: `${url}/${name}`, caBundle: Buffer.from(pki.caPem).toString('base64') },
  rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
  ...fields,
});
const mutating = (...webhooks: readonly MutatingWebhook[]): Promise<unknown> =>
  api.client.create(mutatingWebhookConfigurations, { metadata: { name: 'm' }, webhooks });
const validating = (...webhooks: readonly ValidatingWebhook[]): Promise<unknown> =>
  api.client.create(validatingWebhookConfigurations, { metadata: { name: 'v' }, webhooks });
const at = (name: string) => ({ namespace: 'default', name });
const create = (name: string, data: Record<string, string> = { a: '1' }) => api.client.create(configMaps, { metadata: at(name), data });

describe('API-1: mutating webhooks', () => {
  it('change what is written, one after the other', async () => {
    replies.set('/one', () => setData('one', '1'));
    replies.set('/two', ({ request }) => setData('two', Object.keys(request.object?.data ?? {}).join('+')));
    await mutating(webhook('one'), webhook('two'));
    expect((await create('x')).data).toEqual({ a: '1', one: '1', two: 'a+one' });
    expect((await api.client.get(configMaps, at('x'))).data).toEqual({ a: '1', one: '1', two: 'a+one' });
  });

  it('are told who does what', async () => {
    await mutating(webhook('one', { timeoutSeconds: 7 }));
    const made = await create('x');
    await api.client.update(configMaps, { ...made, data: { b: '2' } }, { isDryRun: true });
    await api.client.delete(configMaps, at('x'));
    const [creation, update, deletion] = heard.map(({ review }) => review);
    expect(heard[0]?.path).toBe('/one?timeout=7s');
    expect(creation).toMatchObject({
      apiVersion: 'admission.k8s.io/v1',
      request: {
        operation: 'CREATE',
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
        name: 'x',
        namespace: 'default',
        userInfo: { username: 'test', groups: ['system:masters'] },
        dryRun: false,
        options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
        object: { apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } },
        oldObject: null,
      },
    });
    expect(update?.request).toMatchObject({
      operation: 'UPDATE',
      dryRun: true,
      object: { data: { b: '2' } },
      oldObject: { data: { a: '1' } },
    });
    expect(deletion?.request).toMatchObject({ operation: 'DELETE', object: null, oldObject: { data: { a: '1' } } });
  });

  it('are not asked about what a server makes before it serves anybody', async () => {
    replies.set('/one', () => ({ allowed: false }));
    await mutating(webhook('one'));
    await expect(create('x')).rejects.toThrow('denied the request');
    const starting = api.server.clientFor(STARTING_USER);
    await starting.create(configMaps, { metadata: { name: 'x', namespace: 'default' } });
    await expect(
      api.server.clientFor({ ...STARTING_USER }).delete(configMaps, { namespace: 'default', name: 'nothing' }),
    ).rejects.toThrow();
  });

  it('can not change what is the server’s, and make nothing that is none', async () => {
    replies.set('/one', () =>
      patch({ op: 'replace', path: '/metadata/uid', value: 'mine' }, { op: 'add', path: '/metadata/labels', value: { x: 'y' } }),
    );
    await mutating(webhook('one'));
    const made = await create('x');
    expect([made.metadata.uid === 'mine', made.metadata.labels]).toEqual([false, { x: 'y' }]);
    for (const value of [1, { x: 1 }]) {
      replies.set('/one', () => patch({ op: 'replace', path: '/data', value }));
      await expect(create('y')).rejects.toThrow('failed calling webhook "one.example.com": ConfigMap in version "v1" cannot be handled');
    }
  });

  it.each([
    { policy: 'IfNeeded', calls: ['/one', '/two', '/one'] },
    { policy: 'Never', calls: ['/one', '/two'] },
  ])('are asked again after a change: $policy', async ({ policy, calls }) => {
    replies.set('/two', () => setData('two', '2'));
    await mutating(webhook('one', { reinvocationPolicy: policy }), webhook('two', { reinvocationPolicy: policy }));
    await create('x');
    expect(heard.map(({ path: asked }) => asked.split('?')[0])).toEqual(calls);
  });

  it('stand behind policies, which are asked again when a webhook changed the object, and the webhooks then', async () => {
    const expression = 'Object{data: {"seen": has(object.data.seen) ? object.data.seen + ",again" : object.data.map(k, k).join("+")}}';
    await api.client.create(mutatingAdmissionPolicies, {
      metadata: { name: 'p' },
      spec: {
        matchConstraints: { resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }] },
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
        reinvocationPolicy: 'IfNeeded',
      },
    });
    await api.client.create(mutatingAdmissionPolicyBindings, { metadata: { name: 'b' }, spec: { policyName: 'p' } });
    replies.set('/one', ({ request }) => setData('one', request.object?.data?.['seen'] ?? 'nothing'));
    await mutating(webhook('one', { reinvocationPolicy: 'IfNeeded' }));
    expect((await create('x')).data).toEqual({ a: '1', seen: 'a,again', one: 'a,again' });
    expect(heard.map(({ review }) => review.request.object?.data)).toEqual([
      { a: '1', seen: 'a' },
      { a: '1', seen: 'a,again', one: 'a' },
    ]);
  });
});

describe('API-1: validating webhooks', () => {
  it.each([
    {
      name: 'with a message',
      reply: { allowed: false, status: { code: 403, message: 'not on Sundays' } },
      says: 'denied the request: not on Sundays',
      code: 403,
    },
    { name: 'with a reason', reply: { allowed: false, status: { reason: 'Sunday' } }, says: 'denied the request: Sunday', code: 400 },
    { name: 'without a word', reply: { allowed: false }, says: 'denied the request without explanation', code: 400 },
    { name: 'with a code of success', reply: { allowed: false, status: { code: 200 } }, says: 'denied', code: 400 },
  ])('refuse $name', async ({ reply, says, code }) => {
    replies.set('/no', () => reply);
    await validating(webhook('no'));
    await expect(create('x')).rejects.toMatchObject({
      message: expect.stringContaining(`admission webhook "no.example.com" ${says}`),
      status: { code },
    });
    expect((await api.client.list(configMaps)).items).toEqual([]);
  });

  it('see what mutating ones made, and refuse deletions', async () => {
    replies.set('/one', () => setData('one', '1'));
    replies.set('/no', ({ request }) => ({ allowed: request.operation !== 'DELETE' && request.object?.data?.['one'] === '1' }));
    await mutating(webhook('one'));
    await validating(webhook('no'));
    await create('x');
    await expect(api.client.delete(configMaps, at('x'))).rejects.toThrow('"no.example.com" denied');
    await expect(api.client.get(configMaps, at('x'))).resolves.toBeDefined();
  });

  it('are asked at the same time', async () => {
    await validating(...['a', 'b', 'c'].map((name) => webhook(name)));
    let waiting = 0;
    const all = Promise.withResolvers<void>();
    const reply: Reply = async () => {
      waiting += 1;
      if (waiting === 3) all.resolve();
      await all.promise;
      return { allowed: true };
    };
    for (const name of ['a', 'b', 'c']) replies.set(`/${name}`, reply);
    await expect(create('x')).resolves.toBeDefined();
  });
});

describe('API-1: which writes a webhook is asked about', () => {
  const asked = async (fields: Fields, act: () => Promise<unknown> = () => create('x')): Promise<number> => {
    await validating(webhook('one', fields));
    await act();
    return heard.length;
  };
  const labelled = () => api.client.create(configMaps, { metadata: { ...at('x'), labels: { team: 'a' } } });
  it.each<{ name: string; fields: Fields; act?: () => Promise<unknown>; times: number }>([
    {
      name: 'other kinds',
      fields: { rules: [{ operations: ['*'], apiGroups: ['apps'], apiVersions: ['*'], resources: ['*'] }] },
      times: 0,
    },
    { name: 'objects with a label', fields: { objectSelector: { matchLabels: { team: 'a' } } }, act: labelled, times: 1 },
    { name: 'objects without', fields: { objectSelector: { matchLabels: { team: 'a' } } }, times: 0 },
    { name: 'namespaces with a label', fields: { namespaceSelector: { matchLabels: { team: 'a' } } }, times: 0 },
    {
      name: 'namespaces without',
      fields: { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] } },
      times: 1,
    },
    { name: 'a condition that holds', fields: { matchConditions: [{ name: 'c', expression: 'object.data["a"] == "1"' }] }, times: 1 },
    {
      name: 'a condition that does not',
      fields: { matchConditions: [{ name: 'c', expression: 'request.userInfo.username != "test"' }] },
      times: 0,
    },
  ])('$name: $times', async ({ fields, act, times }) => {
    expect(await asked(fields, act)).toBe(times);
  });

  it('namespaces by their own labels', async () => {
    const rules = [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['namespaces'] }];
    await validating(webhook('one', { rules, namespaceSelector: { matchLabels: { team: 'a' } } }));
    await api.client.create(namespaces, { metadata: { name: 'n1' }, spec: {} });
    await api.client.create(namespaces, { metadata: { name: 'n2', labels: { team: 'a' } }, spec: {} });
    expect(heard.map(({ review }) => review.request['name'])).toEqual(['n2']);
  });

  it('never configurations of webhooks', async () => {
    replies.set('/no', () => ({ allowed: false }));
    await validating(webhook('no', { rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }] }));
    await expect(create('x')).rejects.toThrow('denied');
    await api.client.delete(validatingWebhookConfigurations, { namespace: '', name: 'v' });
    await expect(create('x')).resolves.toBeDefined();
  });

  it('conditions that can not be compiled are refused with the configuration', async () => {
    await expect(validating(webhook('one', { matchConditions: [{ name: 'c', expression: 'objekt.a' }] }))).rejects.toThrow(
      'webhooks[0].matchConditions[0].expression: Invalid value: "objekt.a": compilation failed',
    );
  });
});

describe('API-1: webhooks that fail', () => {
  it.each<{ name: string; fields: () => Fields; reply?: Reply; says: RegExp }>([
    {
      name: 'nobody there',
      fields: () => ({ clientConfig: { url: 'https://127.0.0.1:1/x' } }),
      says: /Post "https:\/\/127.0.0.1:1\/x\?timeout=1s": .*ECONNREFUSED/,
    },
    { name: 'an unknown authority', fields: () => ({ clientConfig: { url: `${url}/one` } }), says: /certificate/ },
    { name: 'silence', fields: () => ({}), reply: () => 'silence', says: /context deadline exceeded/ },
    { name: 'nonsense', fields: () => ({}), reply: () => 'nonsense', says: /the answer is no JSON/ },
    {
      name: 'a bad uid',
      fields: () => ({}),
      reply: () => ({ allowed: true, uid: 'x' }),
      says: /received invalid webhook response: expected response.uid=/,
    },
    {
      name: 'a missing service',
      fields: () => ({ clientConfig: { service: { namespace: 'default', name: 'gone' } } }),
      says: /service "gone" not found/,
    },
    {
      name: 'a condition without an answer',
      fields: () => ({ matchConditions: [{ name: 'c', expression: 'object.spec.x == 1' }] }),
      says: /match condition "c": /,
    },
  ])('$name: refuse by Fail, pass by Ignore', async ({ fields, reply, says }) => {
    if (reply !== undefined) replies.set('/one', reply);
    await validating(webhook('one', { timeoutSeconds: 1, ...fields() }));
    await expect(create('x')).rejects.toMatchObject({
      message: expect.stringMatching(/^Internal error occurred: failed calling webhook "one.example.com": /),
      status: { code: 500, reason: 'InternalError' },
    });
    await expect(create('x')).rejects.toThrow(says);
    await api.client.delete(validatingWebhookConfigurations, { namespace: '', name: 'v' });
    await validating(webhook('one', { timeoutSeconds: 1, failurePolicy: 'Ignore', ...fields() }));
    await expect(create('x')).resolves.toBeDefined();
  });

  it('keep their connections', async () => {
    await validating(webhook('one'));
    await create('first');
    const before = connections;
    for (let count = 0; count < 5; count += 1) await create(`m${count}`);
    expect(connections).toBe(before);
  });
});

describe('API-1: what webhooks tell', () => {
  it('warnings go to the client, annotations to the audit log', async () => {
    replies.set('/one', () => ({ allowed: true, warnings: ['old field'], auditAnnotations: { why: 'because' } }));
    await validating(webhook('one'));
    audited.length = 0;
    const { port } = await api.server.listen({ host: '127.0.0.1', port: 0 });
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/default/configmaps`, {
      method: 'POST',
      headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
      body: JSON.stringify({ metadata: { name: 'x' } }),
    });
    expect([answer.status, answer.headers.get('warning')]).toEqual([201, '299 - "old field"']);
    expect(Object.fromEntries(audited[0]?.notes.annotations ?? [])).toMatchObject({ 'one.example.com/why': 'because' });
  });
});
