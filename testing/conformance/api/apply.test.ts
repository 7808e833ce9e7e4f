import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMaps, customResourceDefinitions, persistentVolumeClaims } from '#api/resources.ts';
import { isRecord } from '#kit/json.ts';
import { Secret } from '#kit/secret.ts';
import { tokenAuthenticator } from '#machinery/apiserver/access/authentication.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';

const MAP = '/api/v1/namespaces/default/configmaps/a';
const CLAIM = '/api/v1/namespaces/default/persistentvolumeclaims/c';
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

let api: TestApi<FakeClock>;
let base: string;

beforeEach(async () => {
  const users = [
    { token: new Secret('admin'), user: { name: 'admin', groups: ['system:masters'] } },
    { token: new Secret('patcher'), user: { name: 'patcher', groups: [] } },
  ];
  api = await startTestApi({
    authenticators: [tokenAuthenticator(users)],
    authorizers: [
      {
        name: 'patchers',
        authorize: ({ user, verb }) => ({ verdict: user.name === 'patcher' && verb === 'patch' ? 'allow' : 'no-opinion' }),
      },
    ],
  });
  base = `http://127.0.0.1:${(await api.server.listen({ host: '127.0.0.1', port: 0 })).port}`;
});
afterEach(() => api.close());

interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

interface Ask {
  readonly type?: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly agent?: string;
}

async function ask(
  method: string,
  path: string,
  { type = 'application/json', body, token = 'admin', agent = 'test/1.0' }: Ask = {},
): Promise<Answer> {
  const answer = await fetch(base + path, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { 'content-type': type, authorization: `Bearer ${token}`, 'user-agent': agent },
  });
  const json: unknown = await answer.json();
  return { status: answer.status, json: isRecord(json) ? json : {} };
}

const apply = (manager: string, body: unknown, query = ''): Promise<Answer> =>
  ask('PATCH', `${MAP}?fieldManager=${manager}${query}`, { type: APPLY, body });
const applyClaim = (manager: string, body: object): Promise<Answer> =>
  ask('PATCH', `${CLAIM}?fieldManager=${manager}`, { type: APPLY, body: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...body } });
const aMap = (data: object, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', ...metadata },
  data,
});

function meta({ json }: Answer): Record<string, unknown> {
  return isRecord(json['metadata']) ? json['metadata'] : {};
}

/** The managers of an object with the fields that each owns. */
function managers(answer: Answer): Record<string, unknown> {
  const { managedFields = [] } = meta(answer);
  const entries = Array.isArray(managedFields) ? managedFields : [];
  return Object.fromEntries(entries.map((entry) => [`${entry.manager} ${entry.operation}`, entry.fieldsV1]));
}

describe('API-1: server-side apply', () => {
  it('makes the object where there is none, from YAML or JSON, and writes nothing when it is applied again', async () => {
    const made = await apply('me', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {l: x}}\ndata: {k: v}\n');
    expect(made).toMatchObject({ status: 201, json: { metadata: { name: 'a', namespace: 'default' }, data: { k: 'v' } } });
    expect(meta(made)['managedFields']).toEqual([
      {
        manager: 'me',
        operation: 'Apply',
        apiVersion: 'v1',
        time: expect.stringMatching(/Z$/),
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:labels': { 'f:l': {} } }, 'f:data': { 'f:k': {} } },
      },
    ]);
    await api.clock.step(60_000);
    const again = await apply('me', aMap({ k: 'v' }, { labels: { l: 'x' } }));
    expect([again.status, again.json]).toEqual([200, made.json]);
  });

  it('refuses to change what others own, in the words of upstream, unless it is forced', async () => {
    await ask('POST', '/api/v1/namespaces/default/configmaps?fieldManager=kubectl-client-side-apply', { body: aMap({ k: '1', l: '1' }) });
    const one = await apply('me', aMap({ k: '2' }));
    expect(one.json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.k',
      reason: 'Conflict',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl-client-side-apply" using v1', field: '.data.k' }],
      },
      code: 409,
    });
    await apply('you', aMap({ m: '1' }));
    expect((await apply('me', aMap({ l: '2', k: '2', m: '2' }))).json['message']).toBe(
      'Apply failed with 3 conflicts: conflicts with "kubectl-client-side-apply" using v1:\n- .data.k\n- .data.l\nconflicts with "you":\n- .data.m',
    );
    const forced = await apply('me', aMap({ k: '2' }), '&force=true');
    expect(forced).toMatchObject({ status: 200, json: { data: { k: '2', l: '1', m: '1' } } });
    expect(managers(forced)).toMatchObject({
      'kubectl-client-side-apply Update': { 'f:data': { '.': {}, 'f:l': {} } },
      'me Apply': { 'f:data': { 'f:k': {} } },
    });
  });

  it('removes what the applier leaves out and nobody else owns', async () => {
    await apply('me', aMap({ k: '1', l: '1' }));
    await apply('you', aMap({ l: '1' }));
    expect((await apply('me', aMap({}))).json['data']).toEqual({ l: '1' });
    expect((await apply('you', { apiVersion: 'v1', kind: 'ConfigMap' })).json['data']).toBeUndefined();
  });

  it('keeps what the platform added to an object, and the platform takes no fields', async () => {
    const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'x', resources: { requests: { storage: '1Gi' } } };
    const made = await applyClaim('me', { metadata: { annotations: { mine: '1' } }, spec });
    expect(made).toMatchObject({ status: 201, json: { metadata: { finalizers: ['kubernetes.io/pvc-protection'] } } });
    const target = { key: { namespace: 'default', name: 'c' } };
    const patch = { metadata: { annotations: { system: '1' } }, spec: { volumeName: 'v' } };
    await api.client.patch(persistentVolumeClaims, { ...target, patch: { type: 'merge', body: patch } });
    const stored = await api.client.patch(
      persistentVolumeClaims,
      { ...target, patch: { type: 'merge', body: { status: { phase: 'Bound' } } } },
      { subresource: 'status' },
    );
    expect(stored.metadata.managedFields).toEqual(meta(made)['managedFields']);
    expect(await applyClaim('me', { spec })).toMatchObject({
      status: 200,
      json: {
        metadata: { annotations: { system: '1' }, finalizers: ['kubernetes.io/pvc-protection'] },
        spec: { volumeName: 'v', volumeMode: 'Filesystem' },
        status: { phase: 'Bound' },
      },
    });
  });

  it('gives everything of an object that nobody kept account of to before-first-apply', async () => {
    await api.client.create(configMaps, { metadata: { name: 'a', namespace: 'default' }, data: { k: '1', l: '1' } });
    expect(managers(await ask('PATCH', MAP, { type: MERGE, body: { data: { l: '2' } } }))).toEqual({});
    expect((await apply('me', aMap({ k: '2' }))).json['message']).toContain('conflict with "before-first-apply" using v1: .data.k');
    expect(managers(await apply('me', aMap({ k: '1' })))).toEqual({
      'before-first-apply Update': { 'f:data': { '.': {}, 'f:k': {}, 'f:l': {} } },
      'me Apply': { 'f:data': { 'f:k': {} } },
    });
  });

  it('stores nothing on a dry run', async () => {
    expect(await apply('me', aMap({ k: '1' }), '&dryRun=All')).toMatchObject({ status: 201, json: { data: { k: '1' } } });
    expect((await ask('GET', MAP)).status).toBe(404);
    const made = await apply('me', aMap({ k: '1' }));
    expect(await apply('me', aMap({ k: '2' }), '&dryRun=All')).toMatchObject({ status: 200, json: { data: { k: '2' } } });
    expect((await ask('GET', MAP)).json).toEqual(made.json);
  });

  it.each([
    {
      name: 'no manager',
      query: '',
      body: aMap({}),
      status: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    },
    { name: 'a long manager', query: `?fieldManager=${'m'.repeat(129)}`, body: aMap({}), status: 422, message: 'fieldManager: Too long' },
    {
      name: 'an unprintable manager',
      query: '?fieldManager=a%0Ab',
      body: aMap({}),
      status: 422,
      message: 'should only contain printable characters',
    },
    {
      name: 'another version',
      body: { apiVersion: 'v2', kind: 'ConfigMap' },
      status: 400,
      message: 'Incorrect version specified in apply patch. Specified patch version: v2, expected: v1',
    },
    {
      name: 'another kind',
      body: { apiVersion: 'v1', kind: 'Secret' },
      status: 400,
      message: 'Secret in version "v1" cannot be handled as a ConfigMap',
    },
    { name: 'a list', body: [], status: 400, message: 'one object' },
    { name: 'managed fields', body: aMap({}, { managedFields: [] }), status: 400, message: 'metadata.managedFields must be nil' },
    {
      name: 'an unknown field',
      body: { ...aMap({}), dats: {} },
      status: 400,
      message: 'failed to create typed patch object (default/a; /v1, Kind=ConfigMap): .dats: field not declared in schema',
    },
    {
      name: 'an item without its key',
      body: aMap({}, { ownerReferences: [{ name: 'a' }] }),
      status: 422,
      message: 'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    },
    {
      name: 'an item twice',
      body: aMap({}, { finalizers: ['a/a', 'a/a'] }),
      status: 400,
      message: '.metadata.finalizers: duplicate entries for key [="a/a"]',
    },
    {
      name: 'another name',
      body: aMap({}, { name: 'b' }),
      status: 400,
      message: 'the name of the object (b) does not match the name on the URL (a)',
    },
    {
      name: 'a uid of no object',
      path: '/api/v1/namespaces/default/configmaps/none',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { uid: 'u' } },
      status: 409,
      message: 'uid mismatch: the provided object specified uid u, and no existing object was found',
    },
    { name: 'another uid', body: aMap({}, { uid: 'u' }), status: 409, message: 'Precondition failed: UID in precondition: u' },
    { name: 'an old version', body: aMap({}, { resourceVersion: '1' }), status: 409, message: 'the object has been modified' },
    { name: 'broken YAML', body: 'a: [', status: 400, message: "can't be read as YAML" },
    {
      name: 'the status of no object',
      path: '/api/v1/namespaces/default/persistentvolumeclaims/none/status',
      body: { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
      status: 404,
      message: 'not found',
    },
  ])('refuses $name', async ({ query = '?fieldManager=me', path = MAP, body, status, message }) => {
    await apply('you', aMap({ k: '1' }));
    const answer = await ask('PATCH', path + query, { type: APPLY, body });
    expect(answer).toMatchObject({ status, json: { message: expect.stringContaining(message) } });
  });

  it('lets nobody make objects by applying who may only patch them, and no other patch be forced', async () => {
    const asked = { type: APPLY, body: aMap({ k: '1' }), token: 'patcher' };
    expect((await ask('PATCH', `${MAP}?fieldManager=me`, asked)).status).toBe(403);
    await apply('me', aMap({ k: '1' }));
    expect((await ask('PATCH', `${MAP}?fieldManager=me`, asked)).status).toBe(200);
    const forced = await ask('PATCH', `${MAP}?force=true`, { type: MERGE, body: {} });
    expect(forced.json['message']).toContain('force: Forbidden: may not be specified for non-apply patch');
  });

  it('keeps status apart: what is applied to it belongs to its own entry, and the object itself can not own it', async () => {
    await applyClaim('me', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      status: { phase: 'Lost' },
    });
    const status = { conditions: [{ type: 'Resizing', status: 'True' }] };
    const body = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { labels: { l: '1' } }, status };
    const answer = await ask('PATCH', `${CLAIM}/status?fieldManager=me`, { type: APPLY, body });
    expect(answer).toMatchObject({ status: 200, json: { status: { phase: 'Pending', ...status } } });
    expect(meta(answer)['labels']).toEqual({ l: '1' });
    expect(meta(answer)['managedFields']).toEqual([
      expect.objectContaining({
        manager: 'me',
        fieldsV1: { 'f:spec': { 'f:accessModes': {}, 'f:resources': { 'f:requests': { 'f:storage': {} } } } },
      }),
      expect.objectContaining({
        manager: 'me',
        subresource: 'status',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:l': {} } },
          'f:status': { 'f:conditions': { 'k:{"type":"Resizing"}': { '.': {}, 'f:status': {}, 'f:type': {} } } },
        },
      }),
    ]);
  });

  it('lets many apply at once: each keeps its field, and the object is made once', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `m${index}`);
    const answers = await Promise.all(names.map((name) => apply(name, aMap({ [name]: '1' }))));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([...names.slice(1).map(() => 200), 201]);
    const { json } = await ask('GET', MAP);
    expect(Object.keys(isRecord(json['data']) ? json['data'] : {}).toSorted()).toEqual(names.toSorted());
  });

  it('knows the lists of custom resources by their definition', async () => {
    const openAPIV3Schema = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            ports: {
              type: 'array',
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['port', 'protocol'],
              items: {
                type: 'object',
                required: ['port'],
                properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' }, name: { type: 'string' } },
              },
            },
            free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      },
    };
    await api.client.create(customResourceDefinitions, {
      metadata: { name: 'things.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Thing', plural: 'things' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    });
    const established = {
      conditions: ['Established', 'NamesAccepted'].map((type) => ({ type, status: 'True' })),
      acceptedNames: { kind: 'Thing', plural: 'things' },
      storedVersions: ['v1'],
    };
    await api.client.patch(
      customResourceDefinitions,
      { key: { namespace: '', name: 'things.example.com' }, patch: { type: 'merge', body: { status: established } } },
      { subresource: 'status' },
    );
    const thing = (spec: object): object => ({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { labels: { l: '1' } }, spec });
    const path = '/apis/example.com/v1/namespaces/default/things/t';
    const applyThing = (manager: string, spec: object): Promise<Answer> =>
      ask('PATCH', `${path}?fieldManager=${manager}`, { type: APPLY, body: thing(spec) });
    await applyThing('me', { ports: [{ port: 80, name: 'mine' }], free: { a: { b: 1 } } });
    const both = await applyThing('you', { ports: [{ port: 80, protocol: 'UDP' }] });
    expect(both.json['spec']).toMatchObject({
      ports: [
        { port: 80, protocol: 'TCP', name: 'mine' },
        { port: 80, protocol: 'UDP' },
      ],
    });
    expect((await applyThing('you', { ports: [{ port: 80, name: 'yours' }] })).json['message']).toContain(
      'conflict with "me": .spec.ports[port=80,protocol="TCP"].name',
    );
    expect((await applyThing('me', { free: { a: { c: 1 } } })).json['spec']).toEqual({
      free: { a: { c: 1 } },
      ports: [{ port: 80, protocol: 'UDP' }],
    });
  });
});

describe('API-1: owners of fields under ordinary writes', () => {
  const create = (body: object, query = ''): Promise<Answer> => ask('POST', `/api/v1/namespaces/default/configmaps${query}`, { body });

  it('are named by the field manager, else by the program of the client', async () => {
    await create(aMap({ k: '1' }));
    const changed = await ask('PATCH', MAP, { type: MERGE, body: { data: { l: '1' } }, agent: 'kubectl/v1.36 (linux)' });
    const named = await ask('PATCH', `${MAP}?fieldManager=by-name`, {
      type: 'application/json-patch+json',
      body: [{ op: 'add', path: '/data/m', value: '1' }],
    });
    expect(managers(changed)).toEqual({
      'test Update': { 'f:data': { '.': {}, 'f:k': {} } },
      'kubectl Update': { 'f:data': { 'f:l': {} } },
    });
    expect(managers(named)).toHaveProperty('by-name Update', { 'f:data': { 'f:m': {} } });
  });

  it('stay, times included, where an update changes nothing or leaves managedFields out', async () => {
    const made = await create(aMap({ k: '1' }));
    await api.clock.step(60_000);
    expect((await ask('PUT', MAP, { body: aMap({ k: '1' }), agent: 'other' })).json).toEqual(made.json);
    const changed = await ask('PUT', MAP, { body: aMap({ k: '2' }), agent: 'other' });
    expect(managers(changed)).toEqual({ 'test Update': { 'f:data': {} }, 'other Update': { 'f:data': { 'f:k': {} } } });
  });

  it.each([{ reset: [] }, { reset: [{}] }])('are forgotten where managedFields is set to $reset', async ({ reset }) => {
    await create(aMap({ k: '1' }));
    const answer = await ask('PATCH', MAP, { type: MERGE, body: { metadata: { managedFields: reset } } });
    expect(answer.status).toBe(200);
    expect(meta(answer)).not.toHaveProperty('managedFields');
  });

  it('can be written by hand, as kubectl does on its way to server-side apply; nonsense is passed over', async () => {
    const made = await create(aMap({ k: '1' }));
    const entry = { manager: 'me', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:k': {} } } };
    const replace = (value: unknown): Promise<Answer> =>
      ask('PATCH', MAP, { type: 'application/json-patch+json', body: [{ op: 'replace', path: '/metadata/managedFields', value }] });
    expect(meta(await replace([{ ...entry, operation: 'Take' }]))['managedFields']).toEqual(meta(made)['managedFields']);
    expect(meta(await replace([entry]))['managedFields']).toEqual([entry]);
    const foreign = await replace([entry, { ...entry, manager: 'old', apiVersion: 'v0' }]);
    expect(Object.keys(managers(foreign))).toEqual(['me Apply']);
  });

  it('are not taken from the body of a new object', async () => {
    const entry = { manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } };
    expect(managers(await create(aMap({ k: '1' }, { managedFields: [entry] })))).toEqual({
      'test Update': { 'f:data': { '.': {}, 'f:k': {} } },
    });
  });

  it('pass from client-side to server-side apply without a conflict while nobody else changed what was applied', async () => {
    const annotated = (data: object): object =>
      aMap(data, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(aMap(data)) } });
    await create(annotated({ k: '1', l: '1' }), '?fieldManager=kubectl-client-side-apply');
    await ask('PATCH', `${MAP}?fieldManager=else`, { type: MERGE, body: { data: { l: '5' } } });
    expect((await apply('me', aMap({ k: '2' }))).status).toBe(409);
    expect((await apply('kubectl', aMap({ k: '2', l: '2' }))).json['message']).toBe(
      'Apply failed with 1 conflict: conflict with "else" using v1: .data.l',
    );
    const moved = await apply('kubectl', aMap({ k: '2' }));
    expect(moved.status).toBe(200);
    const annotations = meta(moved)['annotations'];
    const text = isRecord(annotations) ? annotations['kubectl.kubernetes.io/last-applied-configuration'] : '';
    expect(JSON.parse(String(text))).toEqual(aMap({ k: '2' }));
  });
});
