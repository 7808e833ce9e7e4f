import { afterAll, beforeAll, expect, it } from 'vitest';
import { aDefinition, aSchema, establish } from '#testing/builders/definition.ts';
import { type SignedInApi, startSignedInApi } from './signed-in-api.ts';

/** A request whose size grows with `count`. */
interface Growing {
  readonly name: string;
  readonly count: number;
  readonly method?: string;
  readonly path: string;
  readonly type?: string;
  readonly body: (count: number) => string;
}

/** How much larger the larger request is. */
const FACTOR = 10;
/** Most that it may cost as a multiple of what its size explains: what grows with the square would cost ten times as much. */
const TOLERANCE = 4;
const US_PER_MS = 1000;
/** What a request may cost in any case, milliseconds. */
const FLOOR_MS = 60;

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DISKS = '/apis/shop.example.com/v1/namespaces/default/disks';
const YAML = 'application/yaml';
const APPLY = 'application/apply-patch+yaml';
const lines = (count: number, line: (at: number) => string): string => Array.from({ length: count }, (_, at) => line(at)).join('\n');
const list = (count: number, item: (at: number) => unknown): readonly unknown[] => Array.from({ length: count }, (_, at) => item(at));
const map = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']));
const pod = (spec: object): string =>
  JSON.stringify({ metadata: { generateName: 'p' }, spec: { containers: [{ name: 'a', image: 'b' }], ...spec } });

const GROWING: readonly Growing[] = [
  {
    name: 'keys of YAML',
    count: 900,
    path: CONFIG_MAPS,
    type: YAML,
    body: (n) => `metadata: {generateName: c}\ndata:\n${lines(n, (at) => `  k${at}: v`)}`,
  },
  {
    name: 'the same key of YAML',
    count: 1800,
    path: CONFIG_MAPS,
    type: YAML,
    body: (n) => `metadata: {generateName: c}\ndata:\n${lines(n, () => '  k: v')}`,
  },
  { name: 'flow lists without end', count: 60000, path: CONFIG_MAPS, type: YAML, body: (n) => '['.repeat(n) },
  { name: 'block lists without end', count: 60000, path: CONFIG_MAPS, type: YAML, body: (n) => '- '.repeat(n) },
  { name: 'keys of keys', count: 60000, path: CONFIG_MAPS, type: YAML, body: (n) => '? '.repeat(n) },
  {
    name: 'anchors and aliases',
    count: 900,
    path: CONFIG_MAPS,
    type: YAML,
    body: (n) => `a:\n${lines(n, (at) => `- &a${at} x\n- *a${at}`)}`,
  },
  { name: 'comments', count: 12000, path: CONFIG_MAPS, type: YAML, body: (n) => `${lines(n, () => '# x')}\na: 1` },
  { name: 'documents', count: 3000, path: CONFIG_MAPS, type: YAML, body: (n) => lines(n, () => 'a: 1\n---') },
  { name: 'a number', count: 60000, path: CONFIG_MAPS, type: YAML, body: (n) => `a: ${'9'.repeat(n)}` },
  { name: 'keys of JSON', count: 1200, path: CONFIG_MAPS, body: (n) => JSON.stringify({ metadata: { generateName: 'c' }, data: map(n) }) },
  { name: 'the same key of JSON', count: 12000, path: CONFIG_MAPS, body: (n) => `{${'"a":0,'.repeat(n)}"b":0}` },
  {
    name: 'numbers of 64 bits',
    count: 2400,
    path: DISKS,
    body: (n) => `{"metadata":{"generateName":"d"},"spec":{"free":[${'9007199254740993,'.repeat(n)}0]}}`,
  },
  {
    name: 'variables of a pod',
    count: 480,
    path: '/api/v1/namespaces/default/pods',
    body: (n) => pod({ containers: [{ name: 'a', image: 'b', env: list(n, (at) => ({ name: `E${at}`, value: 'x' })) }] }),
  },
  {
    name: 'volumes of a pod',
    count: 300,
    path: '/api/v1/namespaces/default/pods',
    body: (n) => pod({ volumes: list(n, (at) => ({ name: `v${at}`, emptyDir: {} })) }),
  },
  {
    name: 'items of a set',
    count: 900,
    path: DISKS,
    body: (n) => JSON.stringify({ metadata: { generateName: 'd' }, spec: { set: list(n, (at) => `s${at}`) } }),
  },
  {
    name: 'items of a map',
    count: 480,
    path: DISKS,
    body: (n) => JSON.stringify({ metadata: { generateName: 'd' }, spec: { map: list(n, (at) => ({ k: `s${at}` })) } }),
  },
  {
    name: 'unknown fields',
    count: 1200,
    path: `${DISKS}?fieldValidation=Strict`,
    body: (n) => JSON.stringify({ metadata: { generateName: 'd' }, spec: map(n) }),
  },
  {
    name: 'a text for a pattern',
    count: 12000,
    path: DISKS,
    body: (n) => JSON.stringify({ metadata: { generateName: 'd' }, spec: { text: `${'a'.repeat(n)}b` } }),
  },
  {
    name: 'an applied set',
    count: 480,
    method: 'PATCH',
    path: `${DISKS}/applied?fieldManager=a&force=1`,
    type: APPLY,
    body: (n) => JSON.stringify({ apiVersion: 'shop.example.com/v1', kind: 'Disk', spec: { set: list(n, (at) => `s${at}`) } }),
  },
  {
    name: 'insertions of a JSON patch',
    count: 240,
    method: 'PATCH',
    path: `${DISKS}/patched`,
    type: 'application/json-patch+json',
    body: (n) =>
      JSON.stringify([{ op: 'add', path: '/spec/free', value: [] }, ...list(n, (at) => ({ op: 'add', path: '/spec/free/0', value: at }))]),
  },
  {
    name: 'keys of a merge patch',
    count: 1200,
    method: 'PATCH',
    path: `${DISKS}/patched`,
    type: 'application/merge-patch+json',
    body: (n) => JSON.stringify({ spec: { free: map(n) } }),
  },
];

let signedIn: SignedInApi;
beforeAll(async () => {
  signedIn = await startSignedInApi();
  const item = { type: 'object', properties: { k: { type: 'string' } }, required: ['k'] };
  const properties = {
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    map: { type: 'array', items: item, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] },
    free: { 'x-kubernetes-preserve-unknown-fields': true },
    text: { type: 'string', pattern: '^(a|aa)+$' },
  };
  await establish(signedIn.api.client, aDefinition({ versions: [{ schema: aSchema({ type: 'object', properties }) }] }));
  await signedIn.ask(DISKS, { method: 'POST', body: JSON.stringify({ metadata: { name: 'patched' }, spec: {} }) });
});
afterAll(() => signedIn.close());

/** The shortest of several runs, in time of this thread: what else the machine does only ever adds. */
async function costMs({ method = 'POST', path, type = 'application/json', body }: Growing, count: number): Promise<number> {
  const text = body(count);
  let shortest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run += 1) {
    const before = process.threadCpuUsage();
    const { status } = await signedIn.ask(path, { method, body: text, headers: { 'content-type': type } });
    const { user, system } = process.threadCpuUsage(before);
    shortest = Math.min(shortest, (user + system) / US_PER_MS);
    expect(status).toBeLessThan(500);
  }
  return shortest;
}

it.each(GROWING)('API-3: what is sent costs no more than its size explains: $name', { timeout: 60_000 }, async (growing) => {
  const small = await costMs(growing, growing.count);
  const large = await costMs(growing, growing.count * FACTOR);
  expect(large).toBeLessThan(FLOOR_MS + small * FACTOR * TOLERANCE);
});
