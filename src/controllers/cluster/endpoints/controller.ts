import type { Endpoints, EndpointSlice, Pod, Service } from '#api/generated/kubernetes.ts';
import { type Draft, formatKey, keyOf, type KubeObject, type ObjectMeta } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { endpoints, endpointSlices, pods, services } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { NAMESPACE_INDEX } from '../../indexes.ts';
import { endpointFacts, isFilledFromPods, MANAGED_BY, planEndpoints, SERVICE_LABEL } from './plan.ts';

const CONCURRENCY = 4;

interface Sources {
  readonly services: Informer<Service>;
  readonly pods: Informer<Pod>;
  readonly slices: Informer<EndpointSlice>;
  readonly endpoints: Informer<Endpoints>;
}

/** Says which pods are behind each service. Only for the embedded API: a cluster has its own. */
export function createEndpointsController({ informers }: { readonly informers: InformerFactory }): Controller<Service> {
  const sources: Sources = {
    services: informers.for(services, NAMESPACE_INDEX),
    pods: informers.for(pods, NAMESPACE_INDEX),
    slices: informers.for(endpointSlices, NAMESPACE_INDEX),
    endpoints: informers.for(endpoints),
  };
  return {
    name: 'endpoints',
    resource: services,
    informer: sources.services,
    concerns: isFilledFromPods,
    triggers: [
      trigger(sources.pods, (pod, previous) => servicesOf(sources.services, pod, previous)),
      trigger(sources.slices, ({ metadata }) => ownerKeys(metadata, metadata.labels?.[SERVICE_LABEL])),
      trigger(sources.endpoints, ({ metadata }) => ownerKeys(metadata, metadata.name)),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, service) => reconcileService(ctx, sources, service),
  };
}

/** Keys of the services behind which the pod is, or was until now; none where nothing changed that matters to them. */
function servicesOf(known: Informer<Service>, pod: Pod, previous: Pod | undefined): readonly string[] {
  if (previous !== undefined && deepEqual(endpointFacts(pod), endpointFacts(previous))) return [];
  const labels = [pod.metadata.labels, previous?.metadata.labels].filter((each) => each !== undefined);
  return known
    .byIndex('ofNamespace', pod.metadata.namespace ?? '')
    .filter(
      (service) => isFilledFromPods(service) && labels.some((each) => matchesLabelSelector({ matchLabels: selectorOf(service) }, each)),
    )
    .map((service) => formatKey(keyOf(service)));
}

function selectorOf({ spec }: Service): Readonly<Record<string, string>> {
  return spec?.selector ?? {};
}

function ownerKeys({ namespace = '' }: ObjectMeta, name: string | undefined): readonly string[] {
  return name === undefined ? [] : [formatKey({ namespace, name })];
}

async function reconcileService(ctx: Ctx, sources: Sources, service: Service): Promise<Outcome> {
  if (service.metadata.deletionTimestamp !== undefined || !isFilledFromPods(service)) return done;
  const namespace = service.metadata.namespace ?? '';
  const selector = { matchLabels: selectorOf(service) };
  const chosen = sources.pods.byIndex('ofNamespace', namespace).filter(({ metadata }) => matchesLabelSelector(selector, metadata.labels));
  const wanted = planEndpoints(service, chosen);
  await write(ctx, endpoints, { draft: wanted.endpoints, found: sources.endpoints.get({ namespace, name: service.metadata.name }) });
  const there = new Map(slicesOf(sources, service).map((slice) => [slice.metadata.name, slice]));
  for (const draft of wanted.slices) {
    const name = draft.metadata.name ?? '';
    await write(ctx, endpointSlices, { draft, found: there.get(name) });
    there.delete(name);
  }
  for (const name of there.keys()) await remove(ctx, { namespace, name });
  return done;
}

/** The slices of the service that are ours; others' are left alone. */
function slicesOf({ slices }: Sources, { metadata }: Service): readonly EndpointSlice[] {
  const [[label, value] = ['', '']] = Object.entries(MANAGED_BY);
  return slices
    .byIndex('ofNamespace', metadata.namespace ?? '')
    .filter((slice) => slice.metadata.labels?.[SERVICE_LABEL] === metadata.name && slice.metadata.labels[label] === value);
}

async function write<K extends KubeObject>(
  { client }: Ctx,
  resource: Resource<K>,
  { draft, found }: { readonly draft: Draft<K>; readonly found: K | undefined },
): Promise<void> {
  if (found === undefined) return void (await client.create(resource, draft));
  const { apiVersion, kind, metadata } = found;
  const { labels, annotations, ownerReferences } = draft.metadata;
  const wanted = {
    ...found,
    ...draft,
    apiVersion,
    kind,
    metadata: { ...metadata, labels, ownerReferences, annotations: { ...metadata.annotations, ...annotations } },
  };
  if (!deepEqual(withoutNothing(wanted), withoutNothing(found))) await client.update(resource, wanted);
}

/** Empty lists and maps say the same as none. */
function withoutNothing(object: KubeObject): unknown {
  return JSON.parse(JSON.stringify(object, (_key, value: unknown) => (isNothing(value) ? undefined : value)));
}

function isNothing(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

async function remove({ client }: Ctx, key: { readonly namespace: string; readonly name: string }): Promise<void> {
  try {
    await client.delete(endpointSlices, key);
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}
