import type { Clock } from '#kit/clock.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type ComponentController, part } from '../component.ts';
import { createAttachedVolumesController } from './node-lifecycle/attached-volumes-controller.ts';
import { createPodCollectionController } from './node-lifecycle/collection-controller.ts';
import { createTaintEvictionController } from './node-lifecycle/eviction-controller.ts';
import { createNodeHealthController } from './node-lifecycle/health-controller.ts';

/** Every controller that looks after nodes and what becomes of their pods. */
export function createNodeControllers(deps: {
  readonly informers: InformerFactory;
  readonly clock: Clock;
}): readonly ComponentController[] {
  return [
    part('node-controller', createNodeHealthController(deps)),
    part('taint-eviction-controller', createTaintEvictionController(deps)),
    part('pod-garbage-collector', createPodCollectionController(deps)),
    part('attachdetach-controller', createAttachedVolumesController(deps)),
  ];
}
