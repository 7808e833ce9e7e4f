import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Controller } from '#machinery/runtime/controller.ts';
import { reconcileDefinition } from './reconcile.ts';

/** Accepts the names of definitions, so that their objects are served, and empties those that are deleted. Only for the embedded API: a cluster has its own. */
export function createCustomResourcesController({
  informers,
}: {
  readonly informers: InformerFactory;
}): Controller<CustomResourceDefinition> {
  return {
    name: 'custom-resources',
    resource: customResourceDefinitions,
    informer: informers.for(customResourceDefinitions),
    triggers: [],
    // why: one at a time, so that of two that want the same name one is first
    concurrency: 1,
    reconcile: reconcileDefinition,
  };
}
