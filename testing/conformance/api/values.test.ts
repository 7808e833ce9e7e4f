import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aDefinition, aSchema, establish } from '#testing/builders/definition.ts';
import { type Answered, type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const DISKS = '/apis/shop.example.com/v1/namespaces/default/disks';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const YAML = { 'content-type': 'application/yaml' };

let signedIn: SignedInApi;
beforeAll(async () => {
  signedIn = await startSignedInApi();
  const properties = {
    day: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time' },
    any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    map: { type: 'object', additionalProperties: { type: 'string' } },
  };
  await establish(signedIn.api.client, aDefinition({ versions: [{ schema: aSchema({ type: 'object', properties }) }] }));
});
afterAll(() => signedIn.close());

const post = (path: string, body: string, headers = {}): Promise<Answered> => signedIn.ask(path, { method: 'POST', body, headers });
const patch = (path: string, body: string, headers: Readonly<Record<string, string>>): Promise<Answered> =>
  signedIn.ask(path, { method: 'PATCH', body, headers });

describe('API-2: keys that objects of JavaScript have of their own', () => {
  const DATA = '"__proto__":"p","constructor":"c","toString":"t","hasOwnProperty":"h"';

  it('are data like any other, in every form of a write', async () => {
    const path = `${CONFIG_MAPS}/odd`;
    const steps = [
      await post(CONFIG_MAPS, `{"metadata":{"name":"odd"},"data":{${DATA}}}`),
      await post(CONFIG_MAPS, `metadata: {name: yaml}\ndata: {__proto__: p, constructor: c, toString: t, hasOwnProperty: h}`, YAML),
      await patch(path, '{"data":{"__proto__":"p"}}', MERGE),
      await patch(path, '{"data":{"__proto__":"p"}}', { 'content-type': 'application/strategic-merge-patch+json' }),
      await patch(path, '[{"op":"replace","path":"/data/__proto__","value":"p"}]', { 'content-type': 'application/json-patch+json' }),
      await patch(`${path}?fieldManager=a&force=1`, `{"apiVersion":"v1","kind":"ConfigMap","data":{${DATA}}}`, {
        'content-type': 'application/apply-patch+yaml',
      }),
      await signedIn.ask(path),
    ];
    for (const { text } of steps) expect(text).toContain(`"data":{${DATA}}`);
    expect((await patch(path, '{"data":{"__proto__":null}}', MERGE)).text).not.toContain('"__proto__":"p"');
  });

  it('are fields of custom resources', async () => {
    const spec = `{"any":{"__proto__":{"admin":true},"constructor":{"prototype":1}},"map":{${DATA}}}`;
    const made = await post(DISKS, `{"metadata":{"name":"odd"},"spec":${spec}}`);
    expect([made.status, made.text]).toEqual([201, expect.stringContaining(`"spec":${spec}`)]);
    expect((await patch(`${DISKS}/odd`, '{"spec":{"any":{"__proto__":{"x":1}}}}', MERGE)).text).toContain(
      '"__proto__":{"admin":true,"x":1}',
    );
    expect(Reflect.get({}, 'admin')).toBeUndefined();
  });
});

it.each([
  { name: 'JSON', body: String.raw`{"metadata":{"name":"half-json"},"data":{"a":"x\ud800y","b":"\ud83d\ude00"}}`, headers: {} },
  { name: 'YAML', body: String.raw`{"metadata": {"name": "half-yaml"}, "data": {"a": "x\ud800y", "b": "\ud83d\ude00"}}`, headers: YAML },
])('API-2: half a character in $name becomes the character for what is none', async ({ body, headers }) => {
  const { text } = await post(CONFIG_MAPS, body, headers);
  expect(text).toContain('"data":{"a":"x\ufffdy","b":"\u{1f600}"}');
});

describe('API-2: times', () => {
  it.each([
    { time: '2026-01-31T08:30:00.000001Z', status: 201 },
    { time: '2026-01-31T08:30:00Z', status: 400 },
    { time: '2026-01-31T08:30:00.123456789Z', status: 400 },
    { time: '2026-01-31T08:30:00+02:00', status: 400 },
    { time: '2024-02-30T08:30:00.000001Z', status: 400 },
  ])('of a Lease $time: $status', async ({ time, status }) => {
    const made = await post(LEASES, JSON.stringify({ metadata: { generateName: 'l' }, spec: { renewTime: time } }));
    expect(made.status).toBe(status);
    if (status === 400) expect(made.text).toContain('spec.renewTime');
  });

  it.each([
    { spec: { day: '2024-02-29', at: '2024-02-29T23:59:59.5Z' }, status: 201 },
    { spec: { day: '2024-02-30' }, status: 422 },
    { spec: { day: '2024-2-3' }, status: 422 },
    { spec: { at: '2024-02-30T00:00:00Z' }, status: 422 },
    { spec: { at: '2024-02-29T24:00:00Z' }, status: 422 },
    { spec: { at: '2024-02-29t00:00:00z' }, status: 201 },
  ])('of a custom resource $spec: $status', async ({ spec, status }) => {
    expect((await post(DISKS, JSON.stringify({ metadata: { generateName: 't' }, spec }))).status).toBe(status);
  });
});

it('API-2: what is answered as YAML is the same when it is sent back', async () => {
  const data = {
    a: 'yes',
    b: '0o7',
    c: '1_000',
    d: '1:30',
    e: 'null',
    f: 'line\n  more\n\n',
    g: ' x',
    h: '\u0085\ufeff',
    y: 'n',
    '0x1f': '.5',
  };
  await post(CONFIG_MAPS, JSON.stringify({ metadata: { name: 'yaml-back', labels: { on: 'off' } }, data }));
  const path = `${CONFIG_MAPS}/yaml-back`;
  const { text } = await signedIn.ask(path, { headers: { accept: 'application/yaml' } });
  const back = await signedIn.ask(path, { method: 'PUT', body: text, headers: YAML });
  expect([back.status, back.json['data'], Object(back.json['metadata']).labels]).toEqual([200, data, { on: 'off' }]);
});
