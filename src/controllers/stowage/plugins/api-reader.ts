import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { SomeObjects, UsesReader } from './plugin.ts';

/** What is there, by the API. */
export function apiReader(client: Pick<Client, 'get' | 'list'>): UsesReader {
  return {
    definition: (name) => client.get(customResourceDefinitions, { namespace: '', name }).catch(absent),
    instances: async (resource) => (await client.list(resource).catch(absent))?.items ?? [],
    some: (resource, max) => someOf(client, resource, max),
  };
}

/** The same without whole lists: what informers hold already is read there, so that it may be late. */
export function cachedReader(client: Pick<Client, 'get' | 'list'>, informers: Pick<InformerFactory, 'find'>): UsesReader {
  const reader = apiReader(client);
  return {
    ...reader,
    instances: <K extends KubeObject>(resource: Resource<K>) => {
      const informer = informers.find(resource);
      return informer?.hasSynced === true ? [...informer.all()] : reader.instances(resource);
    },
  };
}

async function someOf(client: Pick<Client, 'list'>, resource: Resource, max: number): Promise<SomeObjects> {
  const list = await client.list(resource, { limit: max }).catch(absent);
  const items = list?.items ?? [];
  return { items, count: items.length + (list?.metadata.remainingItemCount ?? 0) };
}

function absent(thrown: unknown): undefined {
  if (!hasCode(thrown, 'NotFound')) throw thrown;
}
