import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject, OwnerReference } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { BUILT_IN_RESOURCES, configMaps, persistentVolumes, secrets, storageClasses } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { Metrics } from '#kit/metrics.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { GarbageCollection } from './controller.ts';

describe('garbage collection', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController[];
  const writes: string[] = [];

  beforeEach(async () => {
    api = await startTestApi();
    await start();
  });
  afterEach(async () => {
    await stop();
    await api.close();
  });

  async function start(client: Client = api.client): Promise<void> {
    writes.length = 0;
    const counting = overrideClient(client, {
      delete: (resource, target, options) => {
        writes.push(`delete ${resource.plural}/${target.name}`);
        return client.delete(resource, target, options);
      },
    });
    informers = new InformerFactory({ client: counting, clock: api.clock, log: silentLogger });
    const deps = {
      client: informers.client,
      clock: api.clock,
      ids: new SystemIds(),
      log: silentLogger,
      events: { record: () => {} },
      metrics: new Metrics(),
    };
    running = new GarbageCollection(informers).collectAll(BUILT_IN_RESOURCES).map((one) => runController(one, deps));
    await Promise.all(running.map((one) => one.ready));
  }

  async function stop(): Promise<void> {
    await Promise.all(running.map((one) => one.stop()));
    informers.stop();
  }

  const key = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });
  const find = (resource: Resource, name: string): Promise<KubeObject | undefined> =>
    api.client.get(resource, key(name)).catch((thrown: unknown) => {
      if (hasCode(thrown, 'NotFound')) return undefined;
      throw thrown;
    });
  const names = async (): Promise<string[]> => {
    const all = [...(await api.client.list(configMaps)).items, ...(await api.client.list(secrets)).items];
    return all.map(({ metadata }) => metadata.name).sort();
  };
  const ownedBy = (owner: KubeObject, blockOwnerDeletion = false): OwnerReference => ({
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    blockOwnerDeletion,
  });
  const create = (name: string, ownerReferences: OwnerReference[] = [], finalizers: string[] = []): Promise<KubeObject> =>
    api.client.create(configMaps, { metadata: { name, namespace: 'default', ownerReferences, finalizers } });
  const setOwners = (name: string, ownerReferences: OwnerReference[]): Promise<KubeObject> =>
    api.client.patch(configMaps, { key: key(name), patch: { type: 'merge', body: { metadata: { ownerReferences } } } });

  it('deletes what a deleted object owned, of all kinds and down to the last', async () => {
    const owner = await create('owner');
    const child = await create('child', [ownedBy(owner)]);
    await api.client.create(secrets, { metadata: { name: 'grandchild', namespace: 'default', ownerReferences: [ownedBy(child)] } });
    await create('stranger');
    await api.client.delete(configMaps, key('owner'), { propagation: 'Background' });
    await settle();
    expect(await names()).toEqual(['stranger']);
  });

  it('keeps an object as long as one owner is left, and takes out the reference to the other', async () => {
    const [first, second] = [await create('first'), await create('second')];
    await create('child', [ownedBy(first), ownedBy(second)]);
    await api.client.delete(configMaps, key('first'));
    await settle();
    expect((await find(configMaps, 'child'))?.metadata.ownerReferences).toMatchObject([{ name: 'second' }]);
    await api.client.delete(configMaps, key('second'));
    await settle();
    expect(await names()).toEqual([]);
  });

  it('deletes what names an owner that never was, or one of another uid', async () => {
    const other = await create('other');
    await create('a', [{ ...ownedBy(other), name: 'never' }]);
    await create('b', [{ ...ownedBy(other), uid: 'of-an-earlier-one' }]);
    await settle();
    expect(await names()).toEqual(['other']);
  });

  it('touches nothing whose owner can not be looked up', async () => {
    const owner = await create('owner');
    await create('a', [{ ...ownedBy(owner), apiVersion: 'example.com/v1', kind: 'Widget' }]);
    await api.client.create(storageClasses, { metadata: { name: 'c', ownerReferences: [ownedBy(owner)] }, provisioner: 'x.example.com' });
    await api.client.delete(configMaps, key('owner'));
    await api.clock.step(60_000);
    expect(await names()).toEqual(['a']);
    expect((await api.client.list(storageClasses)).items).toHaveLength(1);
  });

  it('owns across namespaces only from outside of them', async () => {
    const made = await api.client.create(storageClasses, { metadata: { name: 'class' }, provisioner: 'x.example.com' });
    await create('child', [ownedBy(made)]);
    await settle();
    expect(await names()).toEqual(['child']);
    await api.client.delete(storageClasses, { namespace: '', name: 'class' });
    await settle();
    expect(await names()).toEqual([]);
  });

  it('in the foreground, an owner goes after the dependents that block it', async () => {
    const owner = await create('owner');
    await create('blocking', [ownedBy(owner, true)], ['example.com/hold']);
    await create('other', [ownedBy(owner)], ['example.com/hold']);
    await create('free', [ownedBy(owner, true)]);
    await api.client.delete(configMaps, key('owner'), { propagation: 'Foreground' });
    await settle();
    expect(await names()).toEqual(['blocking', 'other', 'owner']);
    expect((await find(configMaps, 'blocking'))?.metadata.deletionTimestamp).toBeDefined();
    expect((await find(configMaps, 'other'))?.metadata.deletionTimestamp).toBeDefined();
    await api.client.patch(configMaps, { key: key('blocking'), patch: { type: 'merge', body: { metadata: { finalizers: null } } } });
    await settle();
    expect(await names()).toEqual(['other']);
  });

  it('in the foreground, an owner goes as soon as nothing blocks it any more', async () => {
    const owner = await create('owner');
    await create('blocking', [ownedBy(owner, true)], ['example.com/hold']);
    await api.client.delete(configMaps, key('owner'), { propagation: 'Foreground' });
    await settle();
    await setOwners('blocking', [ownedBy(owner, false)]);
    await settle();
    expect(await find(configMaps, 'owner')).toBeUndefined();
  });

  it('in the foreground, dependents of dependents go first', async () => {
    const owner = await create('a-owner');
    const child = await create('b-child', [ownedBy(owner, true)]);
    await create('c-grandchild', [ownedBy(child, true)]);
    await api.client.delete(configMaps, key('a-owner'), { propagation: 'Foreground' });
    await settle();
    await settle();
    expect(await names()).toEqual([]);
    expect(writes).toEqual(['delete configmaps/b-child', 'delete configmaps/c-grandchild']);
  });

  it('ends a circle of owners that block each other', async () => {
    const a = await create('a');
    const b = await create('b', [ownedBy(a, true)]);
    await setOwners('a', [ownedBy(b, true)]);
    await api.client.delete(configMaps, key('a'), { propagation: 'Foreground' });
    await api.clock.step(120_000);
    expect(await names()).toEqual([]);
  });

  it('orphans: dependents stay, without the reference', async () => {
    const owner = await create('owner');
    const other = await create('other');
    await create('one', [ownedBy(owner)]);
    await create('two', [ownedBy(owner, true), ownedBy(other)]);
    await api.client.delete(configMaps, key('owner'), { propagation: 'Orphan' });
    await settle();
    expect(await names()).toEqual(['one', 'other', 'two']);
    expect((await find(configMaps, 'one'))?.metadata.ownerReferences).toBeUndefined();
    expect((await find(configMaps, 'two'))?.metadata.ownerReferences).toMatchObject([{ name: 'other' }]);
  });

  it('lets an object without dependents go, whatever the policy', async () => {
    await create('a');
    await create('b');
    await api.client.delete(configMaps, key('a'), { propagation: 'Foreground' });
    await api.client.delete(configMaps, key('b'), { propagation: 'Orphan' });
    await settle();
    expect(await names()).toEqual([]);
  });

  it('does not believe its caches: an owner that only seems to be missing keeps its dependents', async () => {
    await stop();
    const owner = await create('owner');
    await create('child', [ownedBy(owner)]);
    // a cache of owners that never hears of them
    const blind = overrideClient(api.client, {
      list: async (resource, options) => {
        const list = await api.client.list(resource, options);
        return resource.kind === 'ConfigMap' ? { ...list, items: list.items.filter(({ metadata }) => metadata.name !== 'owner') } : list;
      },
    });
    await start(blind);
    await settle();
    expect(await names()).toEqual(['child', 'owner']);
    expect(writes).toEqual([]);
  });

  it('finds at its start what happened while it was down', async () => {
    const owner = await create('owner');
    await create('child', [ownedBy(owner)]);
    const parent = await create('parent');
    await create('kept', [ownedBy(parent)]);
    const front = await create('front');
    await create('last', [ownedBy(front, true)]);
    await stop();
    await api.client.delete(configMaps, key('owner'));
    await api.client.delete(configMaps, key('parent'), { propagation: 'Orphan' });
    await api.client.delete(configMaps, key('front'), { propagation: 'Foreground' });
    await start();
    await settle();
    expect(await names()).toEqual(['kept']);
  });

  it('looks at nothing that has no owners', async () => {
    let reads = 0;
    await stop();
    await start(
      overrideClient(api.client, {
        get: (resource, target) => {
          reads += 1;
          return api.client.get(resource, target);
        },
      }),
    );
    for (let index = 0; index < 50; index += 1) await create(`c-${index}`, [], ['example.com/hold']);
    for (let index = 0; index < 50; index += 1) await api.client.delete(configMaps, key(`c-${index}`));
    await settle();
    expect(reads).toBe(0);
    expect([...informers.metadataFor(configMaps).all()][0]?.metadata).not.toHaveProperty('annotations');
    expect(informers.metadataFor(persistentVolumes)).toBe(informers.metadataFor(persistentVolumes));
  });
});
