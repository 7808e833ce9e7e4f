import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Controller } from '#machinery/runtime/controller.ts';
import { OWNER_INDEXES, OwnerGraph } from './owner-graph.ts';
import { reconcileItem } from './reconcile.ts';

/** Objects of one kind that are worked on at a time. */
const CONCURRENCY = 8;

/** The garbage collector: one controller for each kind, on one graph of owners. Only for the embedded API: a cluster has its own. */
export class GarbageCollection {
  readonly #informers: InformerFactory;
  readonly #graph = new OwnerGraph([]);

  /** Best made last, so that it shares the informers of other controllers. */
  constructor(informers: InformerFactory) {
    this.#informers = informers;
  }

  /** The controllers of these kinds. */
  collectAll(resources: readonly Resource[]): readonly Controller[] {
    // why not events: they are many, own nothing, and go by age (upstream's `--ignored-resources`)
    return resources.filter((resource) => !EVENTS.has(groupResourceOf(resource))).map((resource) => this.collect(resource));
  }

  /** The controller of one more kind. */
  collect(resource: Resource): Controller {
    const informer = this.#informers.metadataFor(resource, OWNER_INDEXES);
    const graph = this.#graph;
    graph.add(informer);
    return {
      name: `garbage-collection-${resource.plural}`,
      resource,
      informer: lookingOnlyAt(informer, graph),
      triggers: [],
      wakeUps: (add) => graph.onWake(resource, add),
      concurrency: CONCURRENCY,
      reconcile: (ctx, object) => reconcileItem(ctx, graph, { resource, object }),
    };
  }

  /** A kind is no longer served; its controller is to be stopped before. */
  forget(resource: Resource): void {
    this.#graph.remove(resource);
    this.#informers.dropMetadata(resource);
  }
}

const EVENTS: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io']);

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
    byIndex: (index, value, limit) => informer.byIndex(index, value, limit),
    countByIndex: (index, value) => informer.countByIndex(index, value),
    valuesOfIndex: (index) => informer.valuesOfIndex(index),
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
