import type { Client } from '#machinery/client/client.ts';

/** `client` with some of its methods replaced: to count calls, or to let them fail. */
export function overrideClient(client: Client, overrides: Partial<Client>): Client {
  return {
    get: (resource, key) => client.get(resource, key),
    list: (resource, options) => client.list(resource, options),
    watch: (resource, options) => client.watch(resource, options),
    create: (resource, draft, options) => client.create(resource, draft, options),
    update: (resource, object, options) => client.update(resource, object, options),
    patch: (resource, target, options) => client.patch(resource, target, options),
    delete: (resource, key, options) => client.delete(resource, key, options),
    bindPod: (pod) => client.bindPod(pod),
    ...overrides,
  };
}
