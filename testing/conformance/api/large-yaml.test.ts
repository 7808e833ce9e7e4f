import { afterEach, beforeEach, expect, it } from 'vitest';
import { aDefinition, aSchema, establish } from '#testing/builders/definition.ts';
import { type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const DISKS = '/apis/shop.example.com/v1/namespaces/default/disks';
const YAML = { 'content-type': 'application/yaml' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };

let signedIn: SignedInApi;
beforeEach(async () => {
  signedIn = await startSignedInApi();
  const any = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await establish(signedIn.api.client, aDefinition({ versions: [{ schema: aSchema(any) }] }));
});
afterEach(() => signedIn.close());

const head = (name: string): string => `apiVersion: shop.example.com/v1\nkind: Disk\nmetadata: {name: ${name}}\n`;
const members = (count: number): string =>
  Array.from({ length: count }, (_, at) => `  k${at}: ${at === 7 ? '9007199254740993' : 'yes'}`).join('\n');

it('API-2: a long text of YAML is read as a short one, several at once', async () => {
  const body = (name: string): string => `${head(name)}spec:\n${members(5_000)}\n  __proto__: {a: 1}`;
  const made = await Promise.all([
    signedIn.ask(DISKS, { method: 'POST', body: body('a'), headers: YAML }),
    signedIn.ask(`${DISKS}/b?fieldManager=m`, { method: 'PATCH', body: body('b'), headers: APPLY }),
  ]);
  for (const { status, text } of made) {
    expect(status).toBe(201);
    expect(text).toContain('"k6":true,"k7":9007199254740993,"k8":true');
    expect(text).toContain('"__proto__":{"a":1}');
  }
});

it.each([
  { name: 'a broken text', body: `${head('c')}spec:\n${members(5_000)}\n  x: [`, says: "can't be read as YAML: line" },
  { name: 'too deep a text', body: `a: ${'['.repeat(100_000)}`, says: 'maxDepth' },
  { name: 'a key twice', body: `${head('d')}spec:\n${members(5_000)}\n  k1: no`, says: 'key \\"k1\\" already set in map' },
])('API-2: what is wrong with a long text is told: $name', async ({ body, says }) => {
  const { status, text } = await signedIn.ask(`${DISKS}?fieldValidation=Strict`, { method: 'POST', body, headers: YAML });
  expect([status, text]).toEqual([400, expect.stringContaining(says)]);
});

it('API-3: while a long text is read the server answers others', async () => {
  const body = `[${'a,'.repeat(400_000)}]`;
  const pending = signedIn.ask(DISKS, { method: 'POST', body, headers: YAML });
  let isDone = false;
  void pending.then(() => (isDone = true));
  let answered = 0;
  while (!isDone) {
    expect((await signedIn.ask('/livez')).status).toBe(200);
    answered += 1;
  }
  expect((await pending).status).toBe(400);
  expect(answered).toBeGreaterThan(3);
});
