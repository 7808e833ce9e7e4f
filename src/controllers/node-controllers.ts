import type { Clock } from '#kit/clock.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { createAttachedVolumesController } from './node-lifecycle/attached-volumes-controller.ts';
import { createPodCollectionController } from './node-lifecycle/collection-controller.ts';
import { createTaintEvictionController } from './node-lifecycle/eviction-controller.ts';
import { createNodeHealthController } from './node-lifecycle/health-controller.ts';
import type { StorageController } from './storage-controllers.ts';
import { anyController } from './trigger.ts';

/** Every controller that looks after nodes and what becomes of their pods. Only for the embedded API: a cluster has all of them in its kube-controller-manager. */
export function createNodeControllers(deps: { readonly informers: InformerFactory; readonly clock: Clock }): readonly StorageController[] {
  return [
    { component: 'node-controller', controller: anyController(createNodeHealthController(deps)) },
    { component: 'taint-eviction-controller', controller: anyController(createTaintEvictionController(deps)) },
    { component: 'pod-garbage-collector', controller: anyController(createPodCollectionController(deps)) },
    { component: 'attachdetach-controller', controller: anyController(createAttachedVolumesController(deps)) },
  ];
}
