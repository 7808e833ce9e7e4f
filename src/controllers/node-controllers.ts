import type { Clock } from '#kit/clock.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { ComponentController } from './component.ts';
import { createAttachedVolumesController } from './node-lifecycle/attached-volumes-controller.ts';
import { createPodCollectionController } from './node-lifecycle/collection-controller.ts';
import { createTaintEvictionController } from './node-lifecycle/eviction-controller.ts';
import { createNodeHealthController } from './node-lifecycle/health-controller.ts';
import { anyController } from './trigger.ts';

/** Every controller that looks after nodes and what becomes of their pods. */
export function createNodeControllers(deps: {
  readonly informers: InformerFactory;
  readonly clock: Clock;
}): readonly ComponentController[] {
  return [
    { component: 'node-controller', controller: anyController(createNodeHealthController(deps)) },
    { component: 'taint-eviction-controller', controller: anyController(createTaintEvictionController(deps)) },
    { component: 'pod-garbage-collector', controller: anyController(createPodCollectionController(deps)) },
    { component: 'attachdetach-controller', controller: anyController(createAttachedVolumesController(deps)) },
  ];
}
