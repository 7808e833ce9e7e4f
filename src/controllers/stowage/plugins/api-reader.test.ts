import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMaps, secrets } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, resourceOf } from '#testing/builders/definition.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { apiReader, cachedReader } from './api-reader.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

describe('PLUG-2: what is there of a kind', () => {
  let api: TestApi;
  let client: Client;
  let lists: (readonly [kind: string, limit: number | undefined])[];
  beforeEach(async () => {
    api = await startTestApi();
    lists = [];
    client = overrideClient(api.client, {
      list: (resource, options) => {
        lists.push([resource.kind, options?.limit]);
        return api.client.list(resource, options);
      },
    });
    for (const name of NAMES) await api.client.create(configMaps, { metadata: { name, namespace: 'default' } });
  });
  afterEach(async () => api.close());

  it('is told by some of it and the number of all, without a list of all', async () => {
    const { items, count } = await apiReader(client).some(configMaps, 5);
    expect([items.map(({ metadata }) => metadata.name), count]).toEqual([NAMES.slice(0, 5), NAMES.length]);
    expect(await apiReader(client).some(configMaps, 9)).toMatchObject({ count: NAMES.length });
    expect(await apiReader(client).some(secrets, 5)).toEqual({ items: [], count: 0 });
    expect(lists.map(([, limit]) => limit)).toEqual([5, 9, 5]);
  });

  it('is nothing where the kind is not served', async () => {
    const reader = apiReader(client);
    const disks = resourceOf(aDefinition());
    expect([await reader.some(disks, 5), await reader.instances(disks)]).toEqual([{ items: [], count: 0 }, []]);
  });

  it('is read where an informer holds it, and listed where none does', async () => {
    const informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const reader = cachedReader(client, informers);
    informers.for(configMaps);
    expect(await reader.instances(configMaps)).toHaveLength(NAMES.length);
    await informers.start();
    expect(await reader.instances(configMaps)).toHaveLength(NAMES.length);
    await reader.instances(secrets);
    informers.stop();
    expect(lists.map(([kind]) => kind)).toEqual(['ConfigMap', 'Secret']);
  });
});
