import type { Draft, KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { Client, PatchTarget, WriteOptions } from './client.ts';
import type { Informer } from './informer.ts';

/** A client whose successful writes are put into the informer of their resource, where there is one, before the caller goes on. */
export function observingClient(client: Client, informerOf: (resource: Resource) => Informer<KubeObject> | undefined): Client {
  const observe = <K extends KubeObject>(resource: Resource<K>, object: K, options?: WriteOptions): K => {
    if (options?.isDryRun !== true) informerOf(resource)?.observe(object);
    return object;
  };
  return {
    get: (resource, key) => client.get(resource, key),
    list: (resource, options) => client.list(resource, options),
    watch: (resource, options) => client.watch(resource, options),
    create: async <K extends KubeObject>(resource: Resource<K>, draft: Draft<K>, options?: WriteOptions) =>
      observe(resource, await client.create(resource, draft, options), options),
    update: async <K extends KubeObject>(resource: Resource<K>, object: K, options?: WriteOptions) =>
      observe(resource, await client.update(resource, object, options), options),
    patch: async <K extends KubeObject>(resource: Resource<K>, target: PatchTarget, options?: WriteOptions) =>
      observe(resource, await client.patch(resource, target, options), options),
    delete: (resource, key, options) => client.delete(resource, key, options),
    bindPod: (pod) => client.bindPod(pod),
  };
}
