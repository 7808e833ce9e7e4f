import type { Namespace } from '#api/generated/kubernetes.ts';
import { endpoints, endpointSlices, namespaces, services } from '#api/resources.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { hasCode } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, type Ctx, done, trigger } from '#machinery/runtime/controller.ts';
import { API_SERVICE, apiEndpoints, type ApiEndpoints, apiService, apiSlice } from './plan.ts';

/** What the controller needs. */
export interface KubernetesServiceDeps {
  readonly informers: InformerFactory;
  readonly api: ApiEndpoints;
}

/** Keeps the service `default/kubernetes` and its endpoints, as kube-apiserver does; clients and charts take it for granted. */
export function createKubernetesServiceController({ informers, api }: KubernetesServiceDeps): Controller<Namespace> {
  return {
    name: 'kubernetes-service',
    resource: namespaces,
    informer: informers.for(namespaces),
    concerns: ({ metadata }) => metadata.name === API_SERVICE.namespace,
    triggers: [services, endpoints, endpointSlices].map((resource: Resource) => trigger(informers.metadataFor(resource), namespaceIfOurs)),
    concurrency: 1,
    reconcile: async (ctx) => {
      await ensure(ctx, services, apiService(api));
      await ensure(ctx, endpoints, apiEndpoints(api));
      await ensure(ctx, endpointSlices, apiSlice(api));
      return done;
    },
  };
}

function namespaceIfOurs({ metadata }: KubeObject): readonly string[] {
  return metadata.namespace === API_SERVICE.namespace && metadata.name === API_SERVICE.name ? [API_SERVICE.namespace] : [];
}

/** Makes it, or writes what of it differs; what others added stays. */
async function ensure<K extends KubeObject>({ client }: Ctx, resource: Resource<K>, draft: Draft<K>): Promise<void> {
  try {
    await client.create(resource, draft);
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
    const found = await client.get(resource, API_SERVICE);
    if (!isPart(draft, found)) await client.patch(resource, { key: API_SERVICE, patch: { type: 'merge', body: draft } });
  }
}

/** True where everything of `part` stands in `whole`. Pure. */
function isPart(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part))
    return Array.isArray(whole) && part.length === whole.length && part.every((item, index) => isPart(item, whole[index]));
  if (!isRecord(part)) return part === whole;
  return isRecord(whole) && Object.entries(part).every(([key, value]) => isPart(value, whole[key]));
}
