import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import type { PodLogOptions } from '#api/pod-logs.ts';
import { configMaps, pods } from '#api/resources.ts';
import { SystemClock } from '#kit/clock.ts';
import { isRecord } from '#kit/json.ts';
import { Secret } from '#kit/secret.ts';
import type { AuditRecord } from '#machinery/apiserver/contract/audit.ts';
import { tokenAuthenticator } from '#machinery/apiserver/access/authentication.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { parsePrometheusText, type Sample } from '#testing/prometheus-text.ts';

const ADMIN = { name: 'admin', groups: ['system:masters'] };
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

let api: TestApi<SystemClock>;
let base: string;
let port: number;
let audited: AuditRecord[];
let logsAsked: PodLogOptions[];

beforeEach(async () => {
  audited = [];
  logsAsked = [];
  const tokens = [
    { token: new Secret('admin'), user: ADMIN },
    { token: new Secret('guest'), user: { name: 'guest', groups: [] } },
  ];
  api = await startTestApi({
    clock: new SystemClock(),
    authenticators: [tokenAuthenticator(tokens)],
    audit: { record: (record) => audited.push(record) },
    podLogs: {
      open: async (_pod: Pod, options) => {
        logsAsked.push(options);
        return (async function* () {
          yield Buffer.from('one\n');
          yield Buffer.from('two\n');
        })();
      },
    },
  });
  audited.length = 0;
  ({ port } = await api.server.listen({ host: '127.0.0.1', port: 0 }));
  base = `http://127.0.0.1:${port}`;
});
afterEach(() => api.close());

interface Ask {
  readonly method?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

async function ask(
  path: string,
  { method = 'GET', body, token = 'admin', headers = {} }: Ask = {},
): Promise<{ status: number; json: Record<string, unknown>; text: string; headers: Headers }> {
  const answer = await fetch(`${base}${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
    headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...headers },
  });
  const text = await answer.text();
  const json: unknown = answer.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : {};
  return { status: answer.status, json: isRecord(json) ? json : {}, text, headers: answer.headers };
}

const aConfigMap = (name: string, rest: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...rest });
const create = (name: string, rest: object = {}): ReturnType<typeof ask> =>
  ask(CONFIG_MAPS, { method: 'POST', body: aConfigMap(name, rest) });

describe('API-3: access', () => {
  it.each([
    { path: '/healthz', status: 200 },
    { path: '/livez?verbose', status: 200 },
    { path: '/readyz', status: 200 },
    { path: '/version', status: 200 },
    { path: '/api', status: 401 },
    { path: '/openapi/v3', status: 401 },
    { path: '/metrics', status: 401 },
    { path: CONFIG_MAPS, status: 401 },
    { path: '/nothing', status: 401 },
  ])('answers $status to $path without credentials', async ({ path, status }) => {
    expect((await ask(path, { token: '' })).status).toBe(status);
  });

  it('refuses unknown tokens, and users who may not', async () => {
    expect((await ask('/version', { token: 'wrong' })).json).toMatchObject({ kind: 'Status', code: 401, reason: 'Unauthorized' });
    const refused = await ask(CONFIG_MAPS, { token: 'guest' });
    expect(refused.json).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: 'configmaps is forbidden: User "guest" cannot list resource "configmaps" in API group "" in the namespace "default"',
    });
    expect((await ask('/metrics', { token: 'guest' })).status).toBe(403);
    expect((await ask('/apis', { token: 'guest' })).status).toBe(200);
  });

  it.each([
    { token: 'admin', allowed: true },
    { token: 'guest', allowed: false },
  ])('tells $token who he is and what he may', async ({ token, allowed }) => {
    const who = await ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', { method: 'POST', body: '{}', token });
    expect(who.json).toMatchObject({ status: { userInfo: { username: token } } });
    const body = JSON.stringify({ spec: { resourceAttributes: { verb: 'delete', resource: 'pods', namespace: 'default' } } });
    const may = await ask('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { method: 'POST', body, token });
    expect(may.json).toMatchObject({ status: { allowed } });
  });

  it('keeps an audit log of writes, refused ones too, without bodies', async () => {
    await create('a', { data: { password: 'hunter2' } });
    await create('a');
    await ask(`${CONFIG_MAPS}/a`, { method: 'DELETE', token: 'guest' });
    await ask(`${CONFIG_MAPS}/a`);
    expect(audited.map(({ user, verb, resource, name, code }) => [user.name, verb, resource.plural, name, code])).toEqual([
      ['admin', 'create', 'configmaps', 'a', 201],
      ['admin', 'create', 'configmaps', 'a', 409],
      ['guest', 'delete', 'configmaps', 'a', 403],
    ]);
    expect(JSON.stringify(audited)).not.toContain('hunter2');
  });
});

describe('bad input is answered, never a crash', () => {
  it.each([
    { name: 'no JSON', body: '{', status: 400, text: "can't be read as JSON" },
    { name: 'a list', body: '[]', status: 400, text: 'send one object' },
    { name: 'a number', body: '1', status: 400, text: 'send one object' },
    { name: 'null', body: 'null', status: 400, text: 'send one object' },
    { name: 'an empty body', body: '', status: 400, text: 'has no body' },
    { name: 'bad UTF-8', body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]), status: 400, text: 'not valid UTF-8' },
    { name: 'deep nesting', body: '{"a":'.repeat(200_000), status: 400, text: 'nested deeper' },
    {
      name: 'a prototype key',
      body: '{"metadata":{"name":"a","labels":{"__proto__":"x"}}}',
      status: 422,
      text: 'metadata.labels: Invalid value: \\"__proto__\\"',
    },
    { name: 'constructor keys', body: '{"metadata":{"name":"a"},"constructor":{"prototype":{"x":1}}}', status: 201, text: '' },
    { name: 'another kind', body: '{"kind":"Pod","metadata":{"name":"a"}}', status: 400, text: 'cannot be handled as a ConfigMap' },
    {
      name: 'another version',
      body: '{"apiVersion":"v2","metadata":{"name":"a"}}',
      status: 400,
      text: 'does not match the expected API version',
    },
    { name: 'another namespace', body: '{"metadata":{"name":"a","namespace":"b"}}', status: 400, text: 'does not match the namespace' },
    { name: 'no name', body: '{"metadata":{}}', status: 422, text: 'name or generateName is required' },
    { name: 'a wrong name', body: '{"metadata":{"name":"A_b"}}', status: 422, text: 'metadata.name: Invalid value: \\"A_b\\"' },
    { name: 'a wrong type', body: '{"metadata":{"name":"a"},"data":{"x":1}}', status: 400, text: 'data.x' },
    { name: 'metadata that is no object', body: '{"metadata":"a"}', status: 400, text: 'metadata' },
    {
      name: 'a version on creation',
      body: '{"metadata":{"name":"a","resourceVersion":"5"}}',
      status: 400,
      text: 'resourceVersion should not be set',
    },
    { name: 'too much', body: `"${'x'.repeat(3 * 1024 * 1024)}"`, status: 413, text: 'limit is 3145728' },
  ])('$name: $status', async ({ body, status, text }) => {
    const answer = await ask(CONFIG_MAPS, { method: 'POST', body });
    expect(answer.text).toContain(text);
    expect(answer.status).toBe(status);
    expect((await ask('/readyz')).text).toBe('ok');
  });

  it.each([
    { path: `${CONFIG_MAPS}?limit=x`, status: 400 },
    { path: `${CONFIG_MAPS}?continue=x`, status: 400 },
    { path: `${CONFIG_MAPS}?labelSelector=%26`, status: 400 },
    { path: `${CONFIG_MAPS}?fieldSelector=spec.x%3D1`, status: 400 },
    { path: `${CONFIG_MAPS}?resourceVersion=abc`, status: 400 },
    { path: `${CONFIG_MAPS}?resourceVersion=99999999`, status: 504 },
    { path: `${CONFIG_MAPS}?resourceVersionMatch=Exact`, status: 422 },
    { path: `${CONFIG_MAPS}?resourceVersion=0&resourceVersionMatch=Exact`, status: 422 },
    { path: `${CONFIG_MAPS}?watch=maybe`, status: 400 },
    { path: `${CONFIG_MAPS}?watch=1&sendInitialEvents=true`, status: 422 },
    { path: '/api/v1/%E0%A4%A', status: 400 },
    { path: '/api/v1/nothings', status: 404 },
    { path: '/apis/none/v1', status: 404 },
    { path: '/api/v1/namespaces/default/nodes', status: 404 },
    { path: '/api/v1/configmaps/a', status: 404 },
    { path: `${CONFIG_MAPS}/a/status`, status: 404 },
    { path: '/constructor', status: 404 },
    { path: '/__proto__', status: 404 },
    { path: `${CONFIG_MAPS}/constructor`, status: 404 },
  ])('GET $path: $status', async ({ path, status }) => {
    const answer = await ask(path);
    expect(answer.json).toMatchObject({ kind: 'Status', status: 'Failure', code: status });
    expect(answer.status).toBe(status);
  });

  it.each([
    { method: 'POST', path: '/api/v1/configmaps', type: 'application/json', status: 405 },
    { method: 'PUT', path: CONFIG_MAPS, type: 'application/json', status: 405 },
    { method: 'OPTIONS', path: CONFIG_MAPS, type: 'application/json', status: 405 },
    { method: 'DELETE', path: '/api/v1/configmaps', type: 'application/json', status: 405 },
    { method: 'POST', path: CONFIG_MAPS, type: 'text/html', status: 415 },
    { method: 'POST', path: CONFIG_MAPS, type: 'application/vnd.kubernetes.protobuf', status: 400 },
    { method: 'PATCH', path: `${CONFIG_MAPS}/a`, type: 'application/json', status: 415 },
    { method: 'PATCH', path: `${CONFIG_MAPS}/a`, type: 'application/merge-patch+json', status: 404 },
    { method: 'POST', path: `${CONFIG_MAPS}?dryRun=Some`, type: 'application/json', status: 422 },
    { method: 'POST', path: `${CONFIG_MAPS}?fieldValidation=Loose`, type: 'application/json', status: 422 },
    { method: 'DELETE', path: `${CONFIG_MAPS}/a?gracePeriodSeconds=x`, type: 'application/json', status: 400 },
    { method: 'DELETE', path: `${CONFIG_MAPS}/a?propagationPolicy=Maybe`, type: 'application/json', status: 422 },
  ])('$method $path as $type: $status', async ({ method, path, type, status }) => {
    const answer = await ask(path, { method, body: '{}', headers: { 'content-type': type } });
    expect(answer.json).toMatchObject({ kind: 'Status', code: status });
  });

  it('survives garbage on the wire and clients that go away', async () => {
    for (const bytes of [
      '\x16\x03\x01\x00',
      'GET /\r\n\r\n',
      `POST ${CONFIG_MAPS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer admin\r\ncontent-length: 100\r\n\r\n{`,
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes, () => socket.destroy()));
        socket.on('error', () => {});
        socket.on('close', () => resolve());
      });
    }
    expect((await ask('/readyz')).text).toBe('ok');
  });
});

describe('API-1: what only a real API server told', () => {
  it('takes a negative limit for none', async () => {
    await create('a');
    expect((await ask(`${CONFIG_MAPS}?limit=-1`)).json['items']).toHaveLength(1);
  });

  it('tells each fault of a resourceVersionMatch', async () => {
    const { json } = await ask(`${CONFIG_MAPS}?resourceVersionMatch=x`);
    const field = 'resourceVersionMatch';
    expect(json).toMatchObject({
      details: {
        causes: [
          { reason: 'FieldValueForbidden', field },
          { reason: 'FieldValueNotSupported', field },
        ],
      },
    });
  });

  it.each([
    { type: 'application/merge-patch+json', body: '{"data":{"k":[1]}}' },
    { type: 'application/strategic-merge-patch+json', body: '{"data":{"k":true}}' },
    { type: 'application/json-patch+json', body: '[{"op":"add","path":"/data","value":{"k":1}}]' },
  ])('calls the patch invalid that makes an object nobody can read, by $type', async ({ type, body }) => {
    await create('a');
    const { json, status } = await ask(`${CONFIG_MAPS}/a`, { method: 'PATCH', body, headers: { 'content-type': type } });
    expect(json).toMatchObject({ reason: 'Invalid', details: { causes: [{ reason: 'FieldValueInvalid', field: 'patch' }] } });
    expect(json['message']).toContain('data.k: write a text (in quotes)');
    expect(status).toBe(422);
  });
});

describe('field validation', () => {
  const wrong = '{"metadata":{"name":"a"},"spec":{"x":1},"data":{"k":"1","k":"2"}}';
  it('refuses unknown and duplicate fields when asked to be strict', async () => {
    const answer = await ask(`${CONFIG_MAPS}?fieldValidation=Strict`, { method: 'POST', body: wrong });
    expect(answer.json['message']).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "spec", duplicate field "data.k"',
    );
    expect(answer.status).toBe(400);
  });
  it('warns by default, and drops what it does not know', async () => {
    const answer = await ask(CONFIG_MAPS, { method: 'POST', body: wrong });
    expect(answer.headers.get('warning')).toBe('299 - "unknown field \\"spec\\"", 299 - "duplicate field \\"data.k\\""');
    expect(answer.json).toMatchObject({ data: { k: '2' } });
    expect(answer.json).not.toHaveProperty('spec');
  });
  it('says nothing when told to ignore', async () => {
    const answer = await ask(`${CONFIG_MAPS}?fieldValidation=Ignore`, { method: 'POST', body: wrong });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('warning')).toBeNull();
  });
});

describe('representations', () => {
  it('reads and writes YAML', async () => {
    const made = await ask(CONFIG_MAPS, {
      method: 'POST',
      body: 'metadata: {name: a}\ndata: {x: "1"}',
      headers: { 'content-type': 'application/yaml', accept: 'application/yaml' },
    });
    expect(made.status).toBe(201);
    expect(made.headers.get('content-type')).toBe('application/yaml');
    expect(made.text).toContain('data:\n  x: "1"\n');
  });

  it('prints tables, with metadata, objects or nothing beside the rows', async () => {
    await create('a', { data: { x: '1', y: '2' } });
    const table = await ask(CONFIG_MAPS, { headers: { accept: TABLE } });
    expect(table.json).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      columnDefinitions: [{ name: 'Name', format: 'name', priority: 0 }, { name: 'Data' }, { name: 'Age' }],
      rows: [{ object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } }],
    });
    expect(JSON.stringify((await ask(`${CONFIG_MAPS}?includeObject=Object`, { headers: { accept: TABLE } })).json['rows'])).toContain(
      '"kind":"ConfigMap"',
    );
    expect(JSON.stringify((await ask(`${CONFIG_MAPS}?includeObject=None`, { headers: { accept: TABLE } })).json['rows'])).not.toContain(
      'object',
    );
    expect((await ask(`${CONFIG_MAPS}?includeObject=Some`, { headers: { accept: TABLE } })).status).toBe(400);
  });

  it('answers metadata only', async () => {
    await create('a', { data: { x: '1' } });
    const { json } = await ask(CONFIG_MAPS, { headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' } });
    expect(json).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }] });
    expect(JSON.stringify(json)).not.toContain('"data"');
  });

  it('compresses large answers only', async () => {
    await create('small');
    expect((await ask(CONFIG_MAPS)).headers.get('content-encoding')).toBeNull();
    await create('large', { data: { x: 'x'.repeat(200_000) } });
    const large = await ask(CONFIG_MAPS);
    expect(large.headers.get('content-encoding')).toBe('gzip');
    expect(large.json['items']).toHaveLength(2);
  });
});

describe('lists', () => {
  it('pages are consistent while others write', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const first = await ask(`${CONFIG_MAPS}?limit=2`);
    expect(first.json).toMatchObject({
      kind: 'ConfigMapList',
      metadata: { remainingItemCount: 1 },
      items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
    });
    await create('d');
    await ask(`${CONFIG_MAPS}/c`, { method: 'DELETE' });
    const metadata = isRecord(first.json['metadata']) ? first.json['metadata'] : {};
    const second = await ask(`${CONFIG_MAPS}?limit=2&continue=${String(metadata['continue'])}`);
    expect(second.json).toMatchObject({ metadata: { resourceVersion: metadata['resourceVersion'] }, items: [{ metadata: { name: 'c' } }] });
    const exact = await ask(`${CONFIG_MAPS}?resourceVersion=${String(metadata['resourceVersion'])}&resourceVersionMatch=Exact`);
    expect(exact.json['items']).toMatchObject([{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }, { metadata: { name: 'c' } }]);
  });

  it('deletes collections by selector', async () => {
    for (const name of ['a', 'b', 'c']) await create(name, { metadata: { name, labels: { app: name === 'c' ? 'keep' : 'drop' } } });
    const deleted = await ask(`${CONFIG_MAPS}?labelSelector=app%3Ddrop`, { method: 'DELETE' });
    expect(deleted.json).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] });
    expect((await api.client.list(configMaps)).items.map((item) => item.metadata.name)).toEqual(['c']);
  });

  it('answers a deletion with a Status, or with the object that is held', async () => {
    await create('a');
    expect((await ask(`${CONFIG_MAPS}/a`, { method: 'DELETE' })).json).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'a', kind: 'configmaps' },
    });
    await create('b', { metadata: { name: 'b', finalizers: ['example.com/x'] } });
    expect((await ask(`${CONFIG_MAPS}/b`, { method: 'DELETE' })).json).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: 'b', deletionGracePeriodSeconds: 0 },
    });
    await create('c');
    expect((await ask(`${CONFIG_MAPS}/c?dryRun=All`, { method: 'DELETE' })).status).toBe(200);
    expect((await ask(`${CONFIG_MAPS}/c`)).status).toBe(200);
  });

  it('answers the deletion of a claim, a class or a pod with its last state', async () => {
    const body = JSON.stringify({ metadata: { name: 'fast' }, provisioner: 'a.example.com' });
    await ask('/apis/storage.k8s.io/v1/storageclasses', { method: 'POST', body });
    const deleted = await ask('/apis/storage.k8s.io/v1/storageclasses/fast', { method: 'DELETE' });
    expect(deleted.json).toMatchObject({ kind: 'StorageClass', provisioner: 'a.example.com' });
  });

  it.each(['default', 'kube-system', 'kube-public'])('never deletes the namespace %s', async (name) => {
    const refused = await ask(`/api/v1/namespaces/${name}`, { method: 'DELETE' });
    expect(refused.json).toMatchObject({ code: 403, message: `namespaces "${name}" is forbidden: this namespace may not be deleted` });
  });

  it('holds an object for its dependents as the last policy says', async () => {
    await create('a', { metadata: { name: 'a', finalizers: ['example.com/x'] } });
    const finalizersAfter = async (query: string, body?: object): Promise<unknown> =>
      (await ask(`${CONFIG_MAPS}/a${query}`, { method: 'DELETE', ...(body === undefined ? {} : { body: JSON.stringify(body) }) })).json;
    expect(await finalizersAfter('', { propagationPolicy: 'Foreground' })).toMatchObject({
      metadata: { finalizers: ['example.com/x', 'foregroundDeletion'] },
    });
    expect(await finalizersAfter('?propagationPolicy=Orphan')).toMatchObject({ metadata: { finalizers: ['example.com/x', 'orphan'] } });
    expect(await finalizersAfter('')).toMatchObject({ metadata: { finalizers: ['example.com/x', 'orphan'] } });
    expect(await finalizersAfter('', { orphanDependents: false })).toMatchObject({ metadata: { finalizers: ['example.com/x'] } });
    expect(await finalizersAfter('', { orphanDependents: true, propagationPolicy: 'Orphan' })).toMatchObject({ code: 422 });
  });
});

describe('generation', () => {
  it('does not grow when a replacement leaves fields to their defaults', async () => {
    const path = '/api/v1/namespaces/default/pods';
    const spec = { containers: [{ name: 'main', image: 'busybox:1' }] };
    await ask(path, { method: 'POST', body: JSON.stringify({ metadata: { name: 'p' }, spec }) });
    const same = await ask(`${path}/p`, { method: 'PUT', body: JSON.stringify({ metadata: { name: 'p', labels: { a: 'b' } }, spec }) });
    expect(same.json).toMatchObject({ metadata: { generation: 1, labels: { a: 'b' } } });
    const changed = { containers: [{ name: 'main', image: 'busybox:2' }] };
    const next = await ask(`${path}/p`, { method: 'PUT', body: JSON.stringify({ metadata: { name: 'p' }, spec: changed }) });
    expect(next.json).toMatchObject({ metadata: { generation: 2 } });
  });
});

/** Reads lines of a watch until `count` came. */
async function watchLines(path: string, count: number, headers: Record<string, string> = {}): Promise<Record<string, unknown>[]> {
  const stop = new AbortController();
  const answer = await fetch(`${base}${path}`, { headers: { authorization: 'Bearer admin', ...headers }, signal: stop.signal });
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  for await (const chunk of answer.body ?? []) {
    const parts = (rest + new TextDecoder().decode(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const parsed: unknown = JSON.parse(part);
      if (isRecord(parsed)) lines.push(parsed);
    }
    if (lines.length >= count) break;
  }
  stop.abort();
  return lines;
}

describe('API-4: watches', () => {
  it('a watch-list ends its initial events with an annotated bookmark', async () => {
    await create('a');
    const lines = await watchLines(
      `${CONFIG_MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      2,
    );
    expect(lines).toMatchObject([
      { type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'a' } } },
      {
        type: 'BOOKMARK',
        object: {
          kind: 'ConfigMap',
          metadata: { annotations: { 'k8s.io/initial-events-end': 'true' }, resourceVersion: String(api.store.revision) },
        },
      },
    ]);
  });

  it('goes on after a version, as objects or rows', async () => {
    const { json } = await create('a');
    const version = isRecord(json['metadata']) ? String(json['metadata']['resourceVersion']) : '';
    await ask(`${CONFIG_MAPS}/a`, { method: 'DELETE' });
    await create('b');
    const lines = await watchLines(`${CONFIG_MAPS}?watch=true&resourceVersion=${version}`, 2);
    expect(lines).toMatchObject([
      { type: 'DELETED', object: { metadata: { name: 'a' } } },
      { type: 'ADDED', object: { metadata: { name: 'b' } } },
    ]);
    const rows = await watchLines(`${CONFIG_MAPS}?watch=true&resourceVersion=${version}`, 2, { accept: TABLE });
    expect(rows).toMatchObject([
      {
        type: 'DELETED',
        object: { kind: 'Table', columnDefinitions: [{ name: 'Name' }, {}, {}], rows: [{ object: { metadata: { name: 'a' } } }] },
      },
      { type: 'ADDED', object: { kind: 'Table', columnDefinitions: [], rows: [{ object: { metadata: { name: 'b' } } }] } },
    ]);
  });

  it('tells a version that is not kept as an ERROR event, and ends at its time', async () => {
    expect(await watchLines(`${CONFIG_MAPS}?watch=1&resourceVersion=99999999`, 9)).toMatchObject([
      { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
    ]);
    expect(await watchLines(`${CONFIG_MAPS}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=1`, 9)).toMatchObject([
      { type: 'BOOKMARK' },
    ]);
  });

  it('ends when the server closes', async () => {
    const lines = watchLines(`${CONFIG_MAPS}?watch=1`, 9);
    await create('a');
    await api.server.close();
    expect(await lines.catch(() => 'broken')).toBeDefined();
  });
});

describe('pod logs', () => {
  beforeEach(async () => {
    const containers = [
      { name: 'main', image: 'busybox' },
      { name: 'side', image: 'busybox' },
    ];
    await api.client.create(pods, { metadata: { name: 'p', namespace: 'default' }, spec: { containers } });
  });
  const LOG = '/api/v1/namespaces/default/pods/p/log';

  it('streams what the source gives', async () => {
    const answer = await ask(`${LOG}?container=side&tailLines=5&timestamps=true&follow=false`);
    expect([answer.status, answer.text]).toEqual([200, 'one\ntwo\n']);
    expect(logsAsked).toMatchObject([{ container: 'side', tailLines: 5, timestamps: true, follow: false, previous: false }]);
  });

  it.each([
    { query: '', text: 'a container name must be specified for pod p, choose one of: [main side]' },
    { query: '?container=x', text: 'container x is not valid for pod p' },
    { query: '?container=main&tailLines=-1', text: 'tailLines' },
    { query: '?container=main&sinceTime=yesterday', text: 'sinceTime' },
  ])('refuses "$query"', async ({ query, text }) => {
    const answer = await ask(`${LOG}${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json['message']).toContain(text);
  });
});

describe('discovery and schemas', () => {
  it('serves plain and aggregated discovery of the same kinds', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const aggregated = await ask('/apis', { headers: { accept } });
    expect(aggregated.headers.get('content-type')).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    expect(aggregated.text).toContain('"resource":"storageclasses"');
    const groups = (await ask('/apis')).json;
    expect(groups).toMatchObject({ kind: 'APIGroupList' });
    expect(groups['groups']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'coordination.k8s.io' }),
        expect.objectContaining({ name: 'storage.k8s.io' }),
      ]),
    );
    expect((await ask('/api')).json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    expect((await ask('/apis/storage.k8s.io')).json).toMatchObject({
      kind: 'APIGroup',
      preferredVersion: { groupVersion: 'storage.k8s.io/v1' },
    });
    expect((await ask('/api/v1')).text).toContain('"name":"pods/log"');
  });

  it('serves each OpenAPI document under its hash for ever', async () => {
    const index = await ask('/openapi/v3');
    const url = /"\/openapi\/v3\/api\/v1\?hash=[0-9A-F]+"/.exec(index.text)?.[0].slice(1, -1) ?? '';
    const document = await ask(url);
    expect(document.json).toMatchObject({ openapi: '3.0.0' });
    expect(document.headers.get('cache-control')).toContain('immutable');
    expect((await ask('/openapi/v3/api/v1')).headers.get('cache-control')).not.toContain('immutable');
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    expect((await ask('/openapi/v2', { headers: { accept } })).headers.get('content-type')).toContain('spec.v2.v1.0+protobuf');
    expect((await ask('/openapi/v2')).json).toMatchObject({ swagger: '2.0', definitions: { 'io.k8s.api.core.v1.Pod': {} } });
  });

  it('RUN-3: counts requests and objects in the form that Prometheus reads', async () => {
    await ask(CONFIG_MAPS);
    const families = parsePrometheusText((await ask('/metrics')).text);
    const labels = {
      verb: 'LIST',
      dry_run: '',
      group: '',
      version: 'v1',
      resource: 'configmaps',
      subresource: '',
      scope: 'namespace',
      component: 'apiserver',
    };
    const samples = (family: string): readonly Sample[] => families.get(family)?.samples ?? [];
    expect(samples('apiserver_request_total')).toContainEqual({
      name: 'apiserver_request_total',
      labels: { ...labels, code: '200' },
      value: 1,
    });
    expect(samples('apiserver_request_duration_seconds')).toContainEqual({
      name: 'apiserver_request_duration_seconds_count',
      labels,
      value: 1,
    });
    const namespaces = samples('apiserver_storage_objects').find((sample) => sample.labels['resource'] === 'namespaces');
    expect(namespaces?.value).toBeGreaterThan(0);
  });
});
