import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CustomResourceDefinitionVersion } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { aDefinition, establish } from '#testing/builders/definition.ts';
import { type Ask, type Answered, type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const DISKS = '/apis/shop.example.com/v1/namespaces/default/disks';
const JSON_TYPE = { 'content-type': 'application/json' };
const YAML_TYPE = { 'content-type': 'application/yaml' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const PATCH = { 'content-type': 'application/json-patch+json' };
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const RULE = { rule: 'self.size != 9007199254740995', message: 'that size is taken' };

const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        wide: { type: 'integer', format: 'int64' },
        ratio: { type: 'number' },
        even: { type: 'integer', multipleOf: 2 },
        top: { type: 'integer', maximum: 9007199254740994 },
        choice: { type: 'integer', enum: [9223372036854775807n] },
        list: { type: 'array', items: { type: 'integer' }, 'x-kubernetes-list-type': 'set' },
        any: { 'x-kubernetes-preserve-unknown-fields': true },
        given: { type: 'integer', default: 9007199254740993n },
      },
      'x-kubernetes-validations': [{ ...RULE, rule: `!has(self.size) || ${RULE.rule}` }],
    },
  },
};

let signedIn: SignedInApi;
const send = (path: string, ask: Ask): Promise<Answered> => signedIn.ask(path, ask);
beforeAll(async () => {
  signedIn = await startSignedInApi();
  const columns = [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }];
  const schema = trusted<CustomResourceDefinitionVersion['schema']>({ openAPIV3Schema: SCHEMA });
  await establish(signedIn.api.client, aDefinition({ versions: [{ schema, additionalPrinterColumns: columns }] }));
  const { text } = await send('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/disks.shop.example.com', {});
  expect(text).toContain('"default":9007199254740993');
});
afterAll(() => signedIn.close());

let count = 0;
/** Makes a disk whose `spec` is this text of JSON. */
async function make(spec: string, headers = JSON_TYPE): Promise<Answered & { readonly name: string }> {
  count += 1;
  const name = `d-${count}`;
  const body = `{"apiVersion":"shop.example.com/v1","kind":"Disk","metadata":{"name":"${name}"},"spec":${spec}}`;
  return { ...(await send(DISKS, { method: 'POST', body, headers })), name };
}
const textOf = async (name: string): Promise<string> => (await send(`${DISKS}/${name}`, {})).text;

describe('API-2: a whole number of 64 bits keeps every digit', () => {
  it.each(['9007199254740993', '-9007199254740993', '9223372036854775807', '-9223372036854775808'])('%s', async (digits) => {
    for (const headers of [JSON_TYPE, YAML_TYPE]) {
      const { status, text, name } = await make(`{"size":${digits},"wide":${digits},"list":[1,${digits}],"any":{"x":${digits}}}`, headers);
      expect(`${status} ${text}`).toContain(`201 `);
      for (const seen of [text, await textOf(name), (await send(DISKS, {})).text]) {
        expect(seen).toContain(`"size":${digits}`);
        expect(seen).toContain(`"wide":${digits}`);
        expect(seen).toContain(`"list":[1,${digits}]`);
        expect(seen).toContain(`"any":{"x":${digits}}`);
        expect(seen).toContain(`"given":9007199254740993`);
      }
      const table = await send(`${DISKS}/${name}`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
      expect(table.text).toContain(`"cells":["${name}",${digits}]`);
      const yaml = await send(`${DISKS}/${name}`, { headers: { accept: 'application/yaml' } });
      expect(yaml.text).toContain(`size: ${digits}\n`);
      const watched = await send(`${DISKS}?watch=1&fieldSelector=metadata.name%3D${name}`, {});
      expect(watched.text).toContain(`"size":${digits}`);
    }
  });

  it('through patches of every kind', async () => {
    const { name } = await make('{}');
    const path = `${DISKS}/${name}`;
    await send(path, { method: 'PATCH', headers: MERGE, body: '{"spec":{"size":9007199254740993}}' });
    expect(await textOf(name)).toContain('"size":9007199254740993');
    const test = (digits: string): Promise<Answered> =>
      send(path, {
        method: 'PATCH',
        headers: PATCH,
        body: `[{"op":"test","path":"/spec/size","value":${digits}},{"op":"add","path":"/spec/wide","value":9223372036854775807}]`,
      });
    expect((await test('9007199254740992')).status).toBe(422);
    expect((await test('9007199254740993')).status).toBe(200);
    expect(await textOf(name)).toContain('"wide":9223372036854775807');
  });

  it('when fields have owners: another number is a conflict, the same is none', async () => {
    const { name } = await make('{}');
    const apply = (manager: string, digits: string): Promise<Answered> =>
      send(`${DISKS}/${name}?fieldManager=${manager}`, {
        method: 'PATCH',
        headers: APPLY,
        body: `apiVersion: shop.example.com/v1\nkind: Disk\nspec:\n  size: ${digits}\n  list: [${digits}]`,
      });
    expect((await apply('a', '9007199254740993')).status).toBe(200);
    expect((await apply('b', '9007199254740992')).status).toBe(409);
    expect((await apply('b', '9007199254740993')).status).toBe(200);
    const text = await textOf(name);
    expect(text).toContain('"size":9007199254740993');
    expect(text).toContain('"v:9007199254740993":{}');
  });

  it('in rules, limits and choices', async () => {
    expect((await make('{"size":9007199254740995}')).text).toContain(RULE.message);
    expect((await make('{"size":9007199254740994}')).status).toBe(201);
    expect((await make('{"even":9007199254740993}')).text).toContain('should be a multiple of 2');
    expect((await make('{"even":9007199254740994}')).status).toBe(201);
    expect((await make('{"top":9007199254740995}')).text).toContain('less than or equal to 9007199254740994');
    expect((await make('{"choice":9223372036854775807}')).status).toBe(201);
    expect((await make('{"choice":9223372036854775806}')).text).toContain('Unsupported value: 9223372036854775806');
    expect((await make('{"list":[9007199254740993,9007199254740993]}')).text).toContain('Duplicate value');
    expect((await make('{"list":[9007199254740993,9007199254740992]}')).status).toBe(201);
  });

  it.each([
    { spec: '{"wide":9223372036854775808}', status: 422, says: 'spec.wide in body must be of type int64' },
    { spec: '{"wide":-9223372036854775809}', status: 422, says: 'spec.wide in body must be of type int64' },
    { spec: '{"size":9223372036854775808}', status: 422, says: 'Checked value must be of type integer (default format)' },
    { spec: '{"size":9007199254740993.5}', status: 201, says: '' },
    { spec: '{"ratio":1e400}', status: 400, says: 'the number 1e400 is too large' },
    { spec: '{"ratio":1e300}', status: 201, says: '1e+300' },
  ])('$spec: $status', async ({ spec, status, says }) => {
    const made = await make(spec);
    expect([made.status, made.text]).toEqual([status, expect.stringContaining(says)]);
  });
});

describe('API-2: fields of built-in kinds keep every digit', () => {
  const pod = (seconds: string): string =>
    `{"metadata":{"name":"p${seconds}"},"spec":{"terminationGracePeriodSeconds":${seconds},"containers":[{"name":"a","image":"b"}]}}`;

  it.each([
    { seconds: '9007199254740993', status: 201 },
    { seconds: '9223372036854775807', status: 201 },
    { seconds: '9223372036854775808', status: 400 },
    { seconds: '1e400', status: 400 },
  ])('terminationGracePeriodSeconds $seconds: $status', async ({ seconds, status }) => {
    const body = pod(seconds);
    const made = await send('/api/v1/namespaces/default/pods', { method: 'POST', body, headers: JSON_TYPE });
    expect(made.status).toBe(status);
    if (status !== 201) return;
    expect(made.text).toContain(`"terminationGracePeriodSeconds":${seconds}`);
    const path = `/api/v1/namespaces/default/pods/p${seconds}`;
    const patched = await send(path, { method: 'PATCH', headers: STRATEGIC, body: '{"metadata":{"labels":{"a":"b"}}}' });
    expect(patched.text).toContain(`"terminationGracePeriodSeconds":${seconds}`);
    expect((await send(path, { method: 'DELETE' })).status).toBe(200);
  });

  it('data of a ControllerRevision', async () => {
    const body = '{"metadata":{"name":"r"},"revision":9223372036854775807,"data":{"n":9007199254740993}}';
    const { text } = await send('/apis/apps/v1/namespaces/default/controllerrevisions', { method: 'POST', body, headers: JSON_TYPE });
    expect(text).toContain('"revision":9223372036854775807');
    expect(text).toContain('"data":{"n":9007199254740993}');
  });
});
