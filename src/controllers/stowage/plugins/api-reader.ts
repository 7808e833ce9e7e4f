import { customResourceDefinitions } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { UsesReader } from './plugin.ts';

/** What is there, by the API. */
export function apiReader(client: Pick<Client, 'get' | 'list'>): UsesReader {
  const absent = (thrown: unknown): undefined => {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  };
  return {
    definition: (name) => client.get(customResourceDefinitions, { namespace: '', name }).catch(absent),
    instances: async (resource) => (await client.list(resource).catch(absent))?.items ?? [],
  };
}
