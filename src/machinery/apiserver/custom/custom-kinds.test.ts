import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, aSchema, establish, resourceOf } from '#testing/builders/definition.ts';
import { settle } from '#testing/fake-clock.ts';

type Disk = KubeObject & { readonly spec?: Readonly<Record<string, unknown>>; readonly status?: unknown };

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.close());

const disk = (spec: object, more: object = {}): Draft<KubeObject> =>
  trusted({ metadata: { name: 'd', namespace: 'default' }, spec, ...more });
const key = { namespace: 'default', name: 'd' };
const definitionKey = { namespace: '', name: 'disks.shop.example.com' };
const disks = resourceOf(aDefinition());
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
const NOT_SERVED = 'the server could not find the requested resource';

describe('API-2: objects of a definition', () => {
  it('are served when it is established, and no longer when it is gone', async () => {
    await api.client.create(customResourceDefinitions, aDefinition());
    expect(await messageOf(api.client.list(disks))).toBe(NOT_SERVED);
    await api.client.delete(customResourceDefinitions, definitionKey);
    await release();
    await establish(api.client, aDefinition());
    expect((await api.client.list(disks)).items).toEqual([]);
    await api.client.delete(customResourceDefinitions, definitionKey);
    await release();
    expect(await messageOf(api.client.list(disks))).toBe(NOT_SERVED);
  });

  /** What the controller does when a definition is empty. */
  async function release(): Promise<void> {
    await api.client.patch(customResourceDefinitions, {
      key: definitionKey,
      patch: { type: 'merge', body: { metadata: { finalizers: null } } },
    });
  }

  it('are defaulted, pruned and checked', async () => {
    await establish(api.client, aDefinition());
    const made: Disk = await api.client.create(disks, disk({ size: 3, stray: 1 }));
    expect(made).toMatchObject({
      apiVersion: 'shop.example.com/v1',
      kind: 'Disk',
      metadata: { generation: 1 },
      spec: { size: 3, color: 'grey' },
    });
    expect(made.spec).not.toHaveProperty('stray');
    expect(await messageOf(api.client.create(disks, { ...disk({ size: 11 }), metadata: { name: 'e', namespace: 'default' } }))).toBe(
      'Disk.shop.example.com "e" is invalid: spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10',
    );
    expect(await messageOf(api.client.create(disks, { ...disk({}), metadata: { name: 'E', namespace: 'default' } }))).toMatch(
      /metadata\.name: Invalid value: "E".*spec\.size: Required value/,
    );
  });

  it('have a status of their own, which counts for no generation', async () => {
    await establish(api.client, aDefinition());
    const made: Disk = await api.client.create(disks, disk({ size: 3 }, { status: { phase: 'Forged' } }));
    expect(made.status).toBeUndefined();
    const patch = { type: 'merge' as const, body: { spec: { size: 4 }, status: { phase: 'Ready' } } };
    const told: Disk = await api.client.patch(disks, { key, patch }, { subresource: 'status' });
    expect(told).toMatchObject({ metadata: { generation: 1 }, spec: { size: 3 }, status: { phase: 'Ready' } });
    const resized: Disk = await api.client.patch(disks, {
      key,
      patch: { type: 'merge', body: { spec: { size: 4 }, status: { phase: 'x' } } },
    });
    expect(resized).toMatchObject({ metadata: { generation: 2 }, spec: { size: 4 }, status: { phase: 'Ready' } });
    expect(await messageOf(api.client.patch(disks, { key, patch: { type: 'strategic', body: {} } }))).toContain(
      'application/merge-patch+json',
    );
  });

  it('keep to the rules of their definition over changes', async () => {
    const spec = {
      type: 'object',
      properties: { size: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'can only grow' }] } },
    };
    await establish(api.client, aDefinition({ versions: [{ schema: aSchema(spec) }] }));
    await api.client.create(disks, disk({ size: 3 }));
    const resize = (size: number): Promise<string> =>
      messageOf(api.client.patch(disks, { key, patch: { type: 'merge', body: { spec: { size } } } }));
    expect(await resize(2)).toBe('Disk.shop.example.com "d" is invalid: spec.size: Invalid value: "integer": can only grow');
    expect(await resize(4)).toBe('accepted');
  });

  it('can be selected by fields that the definition names', async () => {
    await establish(api.client, aDefinition({ versions: [{ selectableFields: [{ jsonPath: '.spec.color' }] }] }));
    await api.client.create(disks, disk({ size: 1 }));
    await api.client.create(disks, { ...disk({ size: 1, color: 'red' }), metadata: { name: 'r', namespace: 'default' } });
    const found = await api.client.list(disks, { fieldSelector: 'spec.color=red' });
    expect(found.items.map(({ metadata }) => metadata.name)).toEqual(['r']);
    expect(await messageOf(api.client.list(disks, { fieldSelector: 'spec.size=1' }))).toContain('field label not supported: spec.size');
  });

  it('are the same in all versions but for their apiVersion, also after the stored version changed', async () => {
    const definition = aDefinition({ versions: [{ name: 'v1alpha1' }, { name: 'v1' }, { name: 'v2', served: false }] });
    await establish(api.client, definition);
    const old = resourceOf(definition, 'v1alpha1');
    await api.client.create(disks, disk({ size: 3 }));
    expect(api.store.get({ resource: 'disks.shop.example.com', ...key })?.object.apiVersion).toBe('shop.example.com/v1alpha1');
    const versions = definition.spec.versions.map((version) => ({ ...version, storage: version.name === 'v1' }));
    await api.client.patch(customResourceDefinitions, { key: definitionKey, patch: { type: 'merge', body: { spec: { versions } } } });
    expect((await api.client.get(disks, key)).apiVersion).toBe('shop.example.com/v1');
    expect((await api.client.list(old)).items.map(({ apiVersion }) => apiVersion)).toEqual(['shop.example.com/v1alpha1']);
    await api.client.patch(old, { key, patch: { type: 'merge', body: { spec: { size: 4 } } } });
    expect(api.store.get({ resource: 'disks.shop.example.com', ...key })?.object.apiVersion).toBe('shop.example.com/v1');
    expect(await messageOf(api.client.list(resourceOf(definition, 'v2')))).toBe(NOT_SERVED);
    const versionsLeft = versions.filter(({ name }) => name !== 'v1alpha1');
    expect(
      await messageOf(
        api.client.patch(customResourceDefinitions, {
          key: definitionKey,
          patch: { type: 'merge', body: { spec: { versions: versionsLeft } } },
        }),
      ),
    ).toMatch(/status\.storedVersions\[0\]: Invalid value: "v1alpha1": missing from spec\.versions/);
  });

  it('show defaults that came later', async () => {
    await establish(api.client, aDefinition());
    await api.client.create(disks, disk({ size: 3 }));
    const spec = {
      type: 'object',
      properties: { size: { type: 'integer' }, color: { type: 'string' }, speed: { type: 'string', default: 'slow' } },
    };
    const versions = [{ ...aDefinition().spec.versions[0], schema: aSchema(spec) }];
    await api.client.patch(customResourceDefinitions, { key: definitionKey, patch: { type: 'merge', body: { spec: { versions } } } });
    expect((await api.client.list(disks)).items).toMatchObject([{ spec: { size: 3, color: 'grey', speed: 'slow' } }]);
  });

  it('are watched, and the watch ends with the definition', async () => {
    await establish(api.client, aDefinition());
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of api.client.watch(disks, { resourceVersion: '0', signal: new AbortController().signal })) {
        seen.push(event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name}`);
      }
      return 'ended';
    })();
    await api.client.create(disks, disk({ size: 3 }));
    await api.client.delete(disks, key);
    await settle();
    expect(seen).toEqual(['ADDED d', 'DELETED d']);
    await api.client.delete(customResourceDefinitions, definitionKey);
    await release();
    expect(await watching).toBe('ended');
  });

  it('can not be made while the definition goes', async () => {
    await establish(api.client, aDefinition());
    const deletion = api.client.delete(customResourceDefinitions, definitionKey);
    const during = messageOf(api.client.create(disks, disk({ size: 3 })));
    await deletion;
    expect(await messageOf(api.client.create(disks, disk({ size: 3 })))).toBe(
      'create not allowed while custom resource definition is terminating',
    );
    // why: whichever of the two was decided first, an object that was made is there for who empties the kind
    expect((await api.client.list(disks)).items).toHaveLength((await during) === 'accepted' ? 1 : 0);
  });

  it('may have finalizers without a prefix, and cluster-wide kinds have no namespace', async () => {
    const definition = aDefinition({ scope: 'Cluster' });
    await establish(api.client, definition);
    const made = await api.client.create(
      resourceOf(definition),
      trusted({ metadata: { name: 'd', finalizers: ['hold'] }, spec: { size: 1 } }),
    );
    expect(made.metadata).toMatchObject({ name: 'd', finalizers: ['hold'] });
    expect(made.metadata.namespace).toBeUndefined();
  });
});
