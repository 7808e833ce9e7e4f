import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRecord } from '#kit/json.ts';
import { aDefinition, aSchema, establish } from '#testing/builders/definition.ts';
import { type Answered, type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const APPS = '/apis/apps/v1/namespaces/default';
const DISKS = '/apis/shop.example.com/v1/namespaces/default/disks';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };

let signedIn: SignedInApi;
beforeAll(async () => {
  signedIn = await startSignedInApi();
  const schema = aSchema({ type: 'object', properties: { a: { type: 'integer' } } });
  await establish(signedIn.api.client, aDefinition({ versions: [{ schema, subresources: { status: {} } }] }));
});
afterAll(() => signedIn.close());

const post = (path: string, body: object): Promise<Answered> => signedIn.ask(path, { method: 'POST', body: JSON.stringify(body) });
const put = (path: string, body: object): Promise<Answered> => signedIn.ask(path, { method: 'PUT', body: JSON.stringify(body) });
const patch = (path: string, body: object, headers: Readonly<Record<string, string>>): Promise<Answered> =>
  signedIn.ask(path, { method: 'PATCH', body: JSON.stringify(body), headers });

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const workload = { selector: { matchLabels: { a: 'b' } }, template };

/** What is left of metadata that comes with a status, by kind (the status strategies of kube-apiserver 1.36.3). */
describe('API-2: a write of the status', () => {
  const whole = { label: '1', annotations: { a: '1' } };
  const both = { labels: { l: '1' }, annotations: { a: '1' } };
  it.each([
    { path: '/api/v1/namespaces', object: {}, status: { conditions: [] }, kept: whole },
    {
      path: '/apis/batch/v1/namespaces/default/jobs',
      object: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } },
      status: { active: 0 },
      kept: whole,
    },
    { path: `${APPS}/replicasets`, object: { spec: workload }, status: { replicas: 0 }, kept: whole },
    { path: `${APPS}/deployments`, object: { spec: workload }, status: { replicas: 0 }, kept: { annotations: { a: '1' } } },
    { path: '/api/v1/namespaces/default/services', object: { spec: { ports: [{ port: 1 }] } }, status: { loadBalancer: {} }, kept: whole },
    { path: DISKS, object: { spec: { a: 1 } }, status: {}, kept: {} },
    {
      path: '/apis/storage.k8s.io/v1/volumeattachments',
      object: { spec: { attacher: 'a.b', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
      status: { attached: false },
      kept: {},
    },
  ])('keeps of metadata what the kind lets through: $path', async ({ path, object, status, kept }) => {
    await post(path, { metadata: { name: 'st' }, ...object });
    const { json } = await patch(`${path}/st/status`, { metadata: both, status }, MERGE);
    const metadata = isRecord(json['metadata']) ? json['metadata'] : {};
    const labels = isRecord(metadata['labels']) ? metadata['labels'] : {};
    expect({ label: labels['l'], annotations: metadata['annotations'] }).toEqual(kept);
  });

  it('leaves a pod its owners', async () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' }];
    await post('/api/v1/namespaces/default/pods', { metadata: { name: 'st', ownerReferences }, spec: template.spec });
    const { json } = await patch('/api/v1/namespaces/default/pods/st/status', { metadata: { ...both, ownerReferences: null } }, MERGE);
    expect(json['metadata']).toMatchObject({ ...both, ownerReferences });
  });
});

describe('API-2: an update that does not say from which state it was made', () => {
  const webhook = { name: 'a.b.c', clientConfig: { url: 'https://a.b' }, sideEffects: 'None', admissionReviewVersions: ['v1'] };
  it.each([
    { path: '/apis/coordination.k8s.io/v1/namespaces/default/leases', object: {}, name: 'leases.coordination.k8s.io' },
    {
      path: '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
      object: { spec: { maxUnavailable: 1 } },
      name: 'poddisruptionbudgets.policy',
    },
    { path: '/apis/storage.k8s.io/v1/csidrivers', object: { spec: {} }, name: 'csidrivers.storage.k8s.io' },
    {
      path: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
      object: { webhooks: [webhook] },
      name: 'validatingwebhookconfigurations.admissionregistration.k8s.io',
    },
    { path: DISKS, object: { spec: { a: 1 } }, name: 'disks.shop.example.com' },
  ])('is refused for $name', async ({ path, object, name }) => {
    const body = { metadata: { name: 'bare' }, ...object };
    const made = await post(path, body);
    expect([made.status, made.text]).toEqual([201, expect.anything()]);
    const message = `${name} "bare" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update`;
    const { apiVersion, kind } = made.json;
    expect(await put(`${path}/bare`, { apiVersion, kind, ...body })).toMatchObject({
      status: 422,
      json: { message, reason: 'Invalid' },
    });
    expect(await patch(`${path}/bare`, { metadata: { labels: { a: 'b' } } }, MERGE)).toMatchObject({ status: 200 });
    expect(await put(`${path}/bare`, made.json)).toMatchObject({ status: 409 });
  });

  it('is let through for kinds that upstream lets be written so', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    await post(path, { metadata: { name: 'bare' } });
    expect(await put(`${path}/bare`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bare' } })).toMatchObject({
      status: 200,
    });
  });
});

describe('API-2: what an object is known by', () => {
  const maps = '/api/v1/namespaces/default/configmaps';
  beforeAll(() => post(maps, { metadata: { name: 'known' } }));
  const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
  const none = 'the name of the object (known based on URL) was undeterminable: name must be provided';

  it.each([
    { name: 'its metadata', body: [{ op: 'add', path: '/metadata', value: {} }], status: 400, message: none },
    { name: 'all of its metadata', body: [{ op: 'remove', path: '/metadata' }], status: 400, message: none },
    { name: 'its name', body: [{ op: 'remove', path: '/metadata/name' }], status: 400, message: none },
    { name: 'its version, read leniently', body: [{ op: 'remove', path: '/apiVersion' }], status: 400, message: none },
    {
      name: 'its version, read strictly',
      fieldValidation: 'Strict',
      body: [{ op: 'remove', path: '/apiVersion' }],
      status: 422,
      message: expect.stringMatching(/patch: Invalid value/),
    },
    { name: 'an empty version', body: [{ op: 'replace', path: '/apiVersion', value: '' }], status: 400, message: none },
    {
      name: 'its version, and another kind',
      body: [
        { op: 'replace', path: '/kind', value: 'Pod' },
        { op: 'remove', path: '/apiVersion' },
      ],
      status: 422,
      message: expect.stringMatching(/patch: Invalid value/),
    },
    { name: 'nothing but its kind', body: [{ op: 'remove', path: '/kind' }], status: 200, message: undefined },
    {
      name: 'another version',
      body: [{ op: 'replace', path: '/apiVersion', value: 'v2' }],
      status: 422,
      message: expect.stringMatching(/patch: Invalid value/),
    },
    {
      name: 'another kind',
      body: [{ op: 'replace', path: '/kind', value: 'Pod' }],
      status: 422,
      message: expect.stringMatching(/patch: Invalid value/),
    },
  ])('stays under a patch: $name', async ({ body, status, message, fieldValidation = 'Warn' }) => {
    const { status: got, json } = await patch(`${maps}/known?dryRun=All&fieldValidation=${fieldValidation}`, body, JSON_PATCH);
    expect({ status: got, message: json['message'] }).toEqual({ status, message });
  });

  it.each([
    { name: 'no name', metadata: {}, status: 400, message: none },
    {
      name: 'another name',
      metadata: { name: 'b' },
      status: 400,
      message: 'the name of the object (b) does not match the name on the URL (known)',
    },
    { name: 'its name', metadata: { name: 'known' }, status: 200, message: undefined },
  ])('is said by who replaces it: $name', async ({ metadata, status, message }) => {
    const { status: got, json } = await put(`${maps}/known?dryRun=All`, { metadata });
    expect({ status: got, message: json['message'] }).toEqual({ status, message });
  });
});

it.each([
  { path: '/api/v1/namespaces/default/configmaps', object: {} },
  { path: DISKS, object: { spec: { a: 1 } } },
])(
  'API-2: lists of metadata without anything in them are not there, maps are kept for who applies them again: $path',
  async ({ path, object }) => {
    const empty = { labels: {}, annotations: {}, finalizers: [], ownerReferences: [] };
    const { json } = await post(path, { metadata: { name: 'empty', ...empty }, ...object });
    const { labels, annotations, finalizers, ownerReferences } = isRecord(json['metadata']) ? json['metadata'] : empty;
    expect({ labels, annotations, finalizers, ownerReferences }).toEqual({ labels: {}, annotations: {} });
  },
);

describe('API-2: a scale is applied', () => {
  const scale = (replicas: number): object => ({ apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas } });
  const path = `${APPS}/deployments/sc`;

  it('and the number of replicas is his who applies it', async () => {
    await post(`${APPS}/deployments?fieldManager=maker`, { metadata: { name: 'sc' }, spec: { ...workload, replicas: 1 } });
    const refused = await patch(`${path}/scale?fieldManager=scaler`, scale(3), APPLY);
    expect(refused).toMatchObject({ status: 409, json: { message: expect.stringContaining('conflict with "maker"') } });
    const applied = await patch(`${path}/scale?fieldManager=scaler&force=true`, scale(3), APPLY);
    expect(applied).toMatchObject({ status: 200, json: { kind: 'Scale', spec: { replicas: 3 } } });
    const { json } = await signedIn.ask(path);
    expect(json).toMatchObject({ spec: { replicas: 3 } });
    expect(json['metadata']).toMatchObject({
      managedFields: expect.arrayContaining([
        expect.objectContaining({
          manager: 'scaler',
          operation: 'Apply',
          subresource: 'scale',
          fieldsV1: { 'f:spec': { 'f:replicas': {} } },
        }),
      ]),
    });
    expect(await patch(`${path}/scale?fieldManager=x`, { ...scale(1), apiVersion: 'apps/v1' }, APPLY)).toMatchObject({
      status: 400,
    });
    expect(await patch(`${path}/scale`, scale(1), APPLY)).toMatchObject({ status: 422 });
  });
});

describe('API-1: numbers and versions of queries', () => {
  const maps = '/api/v1/namespaces/default/configmaps';
  it.each([
    { path: `${maps}?limit=-1`, status: 200 },
    { path: `${maps}?resourceVersion=0&resourceVersionMatch=Exact`, status: 422 },
    { path: `${maps}?resourceVersion=0&resourceVersionMatch=NotOlderThan`, status: 200 },
    { path: `${maps}?fieldSelector=x%3Dy&resourceVersionMatch=Exact`, status: 422 },
    { path: `${maps}?resourceVersion=x&resourceVersionMatch=x`, status: 422 },
    { path: `${maps}?labelSelector=(&resourceVersionMatch=x`, status: 400 },
    { path: `${maps}?fieldSelector=x%3Dy&resourceVersion=999999999`, status: 400 },
    { path: '/api/v1/namespaces/default?resourceVersion=999999999', status: 504 },
    { path: '/api/v1/namespaces/default?resourceVersion=0', status: 200 },
  ])('GET $path → $status', async ({ path, status }) => {
    expect((await signedIn.ask(path)).status).toBe(status);
  });

  it('a negative time of grace is the shortest', async () => {
    await post(maps, { metadata: { name: 'gone' } });
    expect((await signedIn.ask(`${maps}/gone?gracePeriodSeconds=-5`, { method: 'DELETE' })).status).toBe(200);
  });
});

describe('API-2: what is let through is warned of', () => {
  it('variables that stand twice, and finalizers that others may choose too', async () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ];
    const made = await post('/api/v1/namespaces/default/pods', {
      metadata: { name: 'w' },
      spec: { containers: [{ name: 'c', image: 'i', env }] },
    });
    expect(made.headers['warning']).toContain('spec.containers[0].env[1]: hides previous definition of \\"A\\"');
    const disk = await post(DISKS, { metadata: { name: 'w', finalizers: ['mine', 'a.b/c', 'x.y'] }, spec: {} });
    expect(disk.headers['warning']).toContain(
      'metadata.finalizers: \\"mine\\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers',
    );
    expect(disk.headers['warning']).toContain('\\"x.y\\": prefer a domain-qualified finalizer name including a path (/)');
    expect(disk.headers['warning']).not.toContain('a.b/c');
  });
});

describe('API-3: keys that stand twice in YAML', () => {
  const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: twice\ndata:\n  a: "1"\n  a: "2"\nother: 1\n';
  const ask = (level: string): Promise<Answered> =>
    signedIn.ask(`/api/v1/namespaces/default/configmaps?fieldValidation=${level}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/yaml' },
    });

  it('are told by their lines', async () => {
    expect((await ask('Strict')).json['message']).toContain(
      'strict decoding error: yaml: unmarshal errors:\n  line 7: key "a" already set in map, unknown field "other"',
    );
    expect((await ask('Warn')).headers['warning']).toBe(
      '299 - "line 7: key \\"a\\" already set in map", 299 - "unknown field \\"other\\""',
    );
  });
});

it('API-1: a review has no rows', async () => {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const body = JSON.stringify({ spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } });
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const ask = async (accept: string): Promise<number> => (await signedIn.ask(path, { method: 'POST', body, headers: { accept } })).status;
  expect([await ask(table), await ask(`${table},application/json`), await ask('*/*')]).toEqual([406, 201, 201]);
});
