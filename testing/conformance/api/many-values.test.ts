import { afterAll, beforeAll, expect, it } from 'vitest';
import { configMaps } from '#api/resources.ts';
import { type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const PATH = '/api/v1/namespaces/default/configmaps';
const MERGE = { 'content-type': 'application/merge-patch+json' };

let api: SignedInApi;
beforeAll(async () => {
  api = await startSignedInApi();
});
afterAll(() => api.close());

const keys = (count: number, from = 0): string => Array.from({ length: count }, (_, at) => `"${(from + at).toString(36)}":""`).join(',');
const configMap = (name: string, count: number): string =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":{${keys(count)}}}`;

/** Processor time of this process' thread, in which the server runs, milliseconds. */
async function costMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

it.each([
  { name: 'keys', body: configMap('a', 270_000) },
  { name: 'keys that nobody knows', body: configMap('a', 270_000).replace('"data"', '"spec"') },
  { name: 'items', body: `{"metadata":{"name":"a","finalizers":[${'"",'.repeat(900_000)}""]}}` },
  { name: 'objects', body: `{"metadata":{"name":"a","ownerReferences":[${'{},'.repeat(700_000)}{}]}}` },
  { name: 'keys in YAML', body: Array.from({ length: 240_000 }, (_, at) => `${at.toString(36)}: 1`).join('\n'), type: 'application/yaml' },
])('API-3: a body of nothing but short $name is refused for a fraction of what it would cost', async ({ body, type }) => {
  let answer: { readonly status: number; readonly text: string } | undefined;
  const spentMs = await costMs(async () => {
    answer = await api.ask(PATH, { method: 'POST', body, headers: type === undefined ? {} : { 'content-type': type } });
  });
  expect(answer).toMatchObject({ status: 400, text: expect.stringMatching(/has more than 200000 fields and list items/) });
  // the client and the making of the request are in it too; the work on such an object takes several seconds
  expect(spentMs).toBeLessThan(1_500);
});

it('API-3: an object does not grow beyond its bound in steps, and can be made smaller', async () => {
  await api.api.client.create(configMaps, { metadata: { name: 'grows', namespace: 'default' } });
  const add = (count: number, from: number): ReturnType<SignedInApi['ask']> =>
    api.ask(`${PATH}/grows`, { method: 'PATCH', body: `{"data":{${keys(count, from)}}}`, headers: MERGE });
  expect((await add(60_000, 0)).status).toBe(200);
  const refused = await add(60_000, 60_000);
  expect({ status: refused.status, text: refused.text }).toMatchObject({
    status: 422,
    text: expect.stringContaining('the body has more than 100000 fields and list items: make several objects of it'),
  });
  expect((await api.ask(`${PATH}/grows`, { method: 'PATCH', body: '{"data":null}', headers: MERGE })).status).toBe(200);
  expect((await add(10, 0)).status).toBe(200);
});
