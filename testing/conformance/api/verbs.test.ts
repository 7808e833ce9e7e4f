import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { trusted } from '#kit/json.ts';
import { type SignedInApi, startSignedInApi } from './signed-in-api.ts';

interface Listed {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly group?: string;
  readonly version?: string;
  readonly singularName?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** What kube-apiserver 1.36.3 lists (api/discovery of k8s.io/kubernetes). */
const UPSTREAM = trusted<{ readonly resources: Readonly<Record<string, Readonly<Record<string, Listed>>>> }>(
  JSON.parse(readFileSync('src/machinery/apiserver/facts/discovery.json', 'utf8')),
).resources;

const REVIEWS = ['authentication.k8s.io/v1', 'authorization.k8s.io/v1'];
const VERSIONS = [...new Set([...BUILT_IN_KINDS.map(({ resource }) => apiVersionOf(resource)), ...REVIEWS])];

let signedIn: SignedInApi;
beforeAll(async () => {
  signedIn = await startSignedInApi();
});
afterAll(() => signedIn.close());

const rootOf = (version: string): string => (version.includes('/') ? `/apis/${version}` : `/api/${version}`);

/** What a later Kubernetes lists than the one of the facts (`src/api/schema/additions.ts`). */
const ADDED: Readonly<Record<string, Readonly<Record<string, Omit<Listed, 'name'>>>>> = {
  // 1.37, KEP-1432
  'storage.k8s.io/v1': { 'csinodes/status': { kind: 'CSINode', namespaced: false, verbs: ['get', 'patch', 'update'] } },
};

async function listed(version: string): Promise<readonly Listed[]> {
  const { json } = await signedIn.ask(rootOf(version));
  return trusted<readonly Listed[]>(json['resources']);
}

/** The verb behind a method on a path; undefined where none is served for any kind. */
const verbOf = (method: string, where: 'object' | 'collection' | 'everywhere' | 'subresource'): string | undefined => {
  const onObject: Record<string, string> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
  if (where === 'object') return onObject[method];
  if (where === 'subresource') return method === 'POST' ? 'create' : onObject[method];
  if (where === 'everywhere') return method === 'GET' ? 'list' : undefined;
  const onCollection: Record<string, string> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' };
  return onCollection[method];
};

type Place = Parameters<typeof verbOf>[1];

function placesOf(version: string, { name, namespaced, verbs }: Listed): readonly (readonly [Place, string])[] {
  const [plural = '', subresource] = name.split('/');
  const inside = namespaced ? `${rootOf(version)}/namespaces/default/${plural}` : `${rootOf(version)}/${plural}`;
  if (subresource !== undefined) return [['subresource', `${inside}/nobody/${subresource}`]];
  // why: a review has no objects, so nothing but its collection is a path
  if (!verbs.includes('get')) return [['collection', inside]];
  const own = [['collection', inside] as const, ['object', `${inside}/nobody`] as const];
  return namespaced ? [...own, ['everywhere', `${rootOf(version)}/${plural}`]] : own;
}

describe.each(VERSIONS)('%s', (version) => {
  it('API-1: discovery lists every resource with the verbs and names that upstream lists', async () => {
    const ours = await listed(version);
    const facts = { ...ADDED[version], ...UPSTREAM[version] };
    for (const resource of ours) {
      const { name, ...rest } = resource;
      expect({ ...rest, verbs: [...rest.verbs].sort(), singularName: rest.singularName || undefined }, name).toEqual({
        singularName: undefined,
        ...facts[name],
      });
    }
    expect(ours.length).toBeGreaterThan(0);
  });

  it('API-1: a method whose verb is not listed is answered with 405, and one that is listed is not', async () => {
    for (const resource of await listed(version)) {
      const { verbs } = resource;
      for (const [where, path] of placesOf(version, resource)) {
        for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
          const verb = verbOf(method, where);
          // why: a dry run deletes nothing, and without a body nothing is made
          const { status } = await signedIn.ask(`${path}?dryRun=All`, { method });
          const isServed = verb !== undefined && verbs.includes(verb);
          expect(`${method} ${path}: ${status === 405 ? 'not allowed' : 'served'}`).toBe(
            `${method} ${path}: ${isServed ? 'served' : 'not allowed'}`,
          );
        }
      }
    }
  });
});

it('API-1: DELETE of all namespaces is refused and leaves every namespace as it was', async () => {
  await signedIn.ask('/api/v1/namespaces', { method: 'POST', body: JSON.stringify({ metadata: { name: 'v1' } }) });
  const { status, json } = await signedIn.ask('/api/v1/namespaces', { method: 'DELETE' });
  expect([status, json['reason']]).toEqual([405, 'MethodNotAllowed']);
  const { json: after } = await signedIn.ask('/api/v1/namespaces/v1');
  expect(after['status']).toEqual({ phase: 'Active' });
});
