import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMaps, customResourceDefinitions } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, establish, resourceOf } from '#testing/builders/definition.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { GarbageCollection } from './controller.ts';
import { collectOwnKinds } from './own-kinds.ts';

const disks = resourceOf(aDefinition());

describe('API-2: garbage collection of kinds that users define', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let builtIn: RunningController[];
  let own: { stop(): Promise<void> };

  beforeEach(async () => {
    api = await startTestApi();
    await start();
  });
  afterEach(async () => {
    await stop();
    await api.close();
  });

  async function start(): Promise<void> {
    informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const deps = {
      client: informers.client,
      clock: api.clock,
      ids: new SystemIds(),
      log: silentLogger,
      events: { record: () => {} },
      metrics: new Metrics(),
    };
    const garbage = new GarbageCollection(informers);
    const definitions = informers.for(customResourceDefinitions);
    builtIn = garbage.collectAll([configMaps]).map((controller) => runController(controller, deps));
    await informers.start();
    own = collectOwnKinds({ garbage, definitions, run: (controller) => runController(controller, deps), log: silentLogger });
    await settle();
  }

  async function stop(): Promise<void> {
    await own.stop();
    await Promise.all(builtIn.map((controller) => controller.stop()));
    informers.stop();
  }

  /** A disk that a config map owns, and a config map that the disk owns. */
  async function makeFamily(): Promise<void> {
    const owner = await api.client.create(configMaps, { metadata: { name: 'owner', namespace: 'default' } });
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }];
    const disk = { metadata: { name: 'disk', namespace: 'default', ownerReferences }, spec: { size: 1 } };
    const { metadata } = await api.client.create(disks, disk);
    const ofDisk = [{ apiVersion: 'shop.example.com/v1', kind: 'Disk', name: 'disk', uid: metadata.uid }];
    await api.client.create(configMaps, { metadata: { name: 'child', namespace: 'default', ownerReferences: ofDisk } });
  }
  const left = async (): Promise<number> => (await api.client.list(disks)).items.length + (await api.client.list(configMaps)).items.length;

  it('begins when the kind is served', async () => {
    await establish(api.client, aDefinition());
    await settle();
    await makeFamily();
    await settle();
    expect(await left()).toBe(3);
    await api.client.delete(configMaps, { namespace: 'default', name: 'owner' });
    await settle();
    expect(await left()).toBe(0);
  });

  it('goes on after a restart', async () => {
    await establish(api.client, aDefinition());
    await makeFamily();
    await stop();
    await api.client.delete(configMaps, { namespace: 'default', name: 'owner' });
    await start();
    await settle();
    expect(await left()).toBe(0);
  });

  it('ends with the definition, and begins again with the next one', async () => {
    const { metadata } = await establish(api.client, aDefinition());
    await settle();
    await api.client.delete(customResourceDefinitions, { namespace: '', name: metadata.name });
    await api.client
      .patch(customResourceDefinitions, {
        key: { namespace: '', name: metadata.name },
        patch: { type: 'merge', body: { metadata: { finalizers: null } } },
      })
      .catch(() => {});
    await settle();
    expect((await api.client.list(customResourceDefinitions)).items).toEqual([]);
    await establish(api.client, aDefinition());
    await settle();
    await makeFamily();
    await api.client.delete(configMaps, { namespace: 'default', name: 'owner' });
    await settle();
    expect(await left()).toBe(0);
  });
});
