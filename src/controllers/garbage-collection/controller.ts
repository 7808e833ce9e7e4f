import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { events } from '#api/resources.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Controller } from '#machinery/runtime/controller.ts';
import { OWNER_INDEXES, OwnerGraph } from './owner-graph.ts';
import { reconcileItem } from './reconcile.ts';

/** What the garbage collector needs. */
export interface GarbageCollectionDeps {
  readonly informers: InformerFactory;
  /** Every kind that the API serves. */
  readonly resources: readonly Resource[];
}

/** Objects of one kind that are worked on at a time. */
const CONCURRENCY = 8;

/** One controller for each kind, on one graph of owners. Only for the embedded API: a cluster has its own. Best made last, so that it shares the informers of the others. */
export function createGarbageCollectionControllers({ informers, resources }: GarbageCollectionDeps): readonly Controller[] {
  // why not events: they are many, own nothing, and go by age (upstream's `--ignored-resources`)
  const collected = resources.filter((resource) => groupResourceOf(resource) !== groupResourceOf(events));
  const sources = collected.map((resource) => informers.metadataFor(resource, OWNER_INDEXES));
  const graph = new OwnerGraph(sources);
  return sources.map((informer) => ({
    name: `garbage-collection-${informer.resource.plural}`,
    resource: informer.resource,
    informer: lookingOnlyAt(informer, graph),
    triggers: [],
    wakeUps: (add) => graph.onWake(informer.resource, add),
    concurrency: CONCURRENCY,
    reconcile: (ctx, object) => reconcileItem(ctx, graph, { resource: informer.resource, object }),
  }));
}

/** The informer as the runtime sees it: at the start only what needs a look, when all kinds are known; later only what the graph wakes. */
function lookingOnlyAt(informer: Informer<KubeObject>, graph: OwnerGraph): Informer<KubeObject> {
  return {
    resource: informer.resource,
    get: (key) => informer.get(key),
    *all() {
      for (const object of informer.all()) if (graph.needsLook(object)) yield object;
    },
    get size() {
      return informer.size;
    },
    byIndex: (index, value) => informer.byIndex(index, value),
    addIndexes: (indexes) => informer.addIndexes(indexes),
    observe: (object) => informer.observe(object),
    forget: (object) => informer.forget(object),
    subscribe: () => () => {},
    start: () => graph.start(),
    get hasSynced() {
      return informer.hasSynced;
    },
    stop: () => informer.stop(),
  };
}
