import type { KubeObject } from '#api/meta/object.ts';
import { trusted } from '#kit/json.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Controller, Trigger } from '#machinery/runtime/controller.ts';

/** A trigger whose function is told objects of the informer's own kind. */
export function triggerOn<K extends KubeObject>(informer: Informer<K>, keysFor: (object: K, previous?: K) => readonly string[]): Trigger {
  // why trusted: the runtime calls `keysFor` with objects of this informer only
  return { informer, keysFor: trusted<Trigger['keysFor']>(keysFor) };
}

/** A controller of any kind, for lists of controllers of different kinds. */
export function anyController<K extends KubeObject>(controller: Controller<K>): Controller {
  // why trusted: the runtime calls `reconcile` with objects of the controller's own informer only
  return trusted<Controller>(controller);
}
