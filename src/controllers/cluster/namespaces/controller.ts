import type { Namespace } from '#api/generated/kubernetes.ts';
import type { Resource } from '#api/meta/resource.ts';
import { namespaces } from '#api/resources.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Controller } from '#machinery/runtime/controller.ts';
import { reconcileNamespace } from './reconcile.ts';

/** What the namespace controller needs. */
export interface NamespacesDeps {
  readonly informers: InformerFactory;
  /** Every namespaced kind that the API serves now; asked each time, because kinds come and go. */
  readonly namespacedResources: () => readonly Resource[];
}

/** Namespaces that are emptied at a time. */
const CONCURRENCY = 4;

/** Empties namespaces that were deleted, and lets them go. Only for the embedded API: a cluster has its own. */
export function createNamespacesController(deps: NamespacesDeps): Controller<Namespace> {
  return {
    name: 'namespaces',
    resource: namespaces,
    informer: deps.informers.for(namespaces),
    triggers: [],
    concurrency: CONCURRENCY,
    reconcile: (ctx, namespace) => reconcileNamespace(ctx, deps.namespacedResources(), namespace),
  };
}
