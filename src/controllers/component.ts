import type { KubeObject } from '#api/meta/object.ts';
import { trusted } from '#kit/json.ts';
import type { Controller } from '#machinery/runtime/controller.ts';

/** Every component by the name under which its events appear (`kubectl describe`, column From): upstream's names, and `stowage-…` for what only Stowage does. */
export type Component =
  | 'persistentvolume-controller'
  | 'attachdetach-controller'
  | 'ephemeral_volume'
  | 'vac-protection-controller'
  | 'external-provisioner'
  | 'external-resizer'
  | 'external-attacher'
  | 'external-health-monitor'
  | 'external-snapshotter'
  | 'snapshot-controller'
  | 'data-source-validator'
  | 'default-scheduler'
  | 'replicaset-controller'
  | 'replication-controller'
  | 'deployment-controller'
  | 'statefulset-controller'
  | 'daemonset-controller'
  | 'job-controller'
  | 'cronjob-controller'
  | 'node-controller'
  | 'taint-eviction-controller'
  | 'pod-garbage-collector'
  | 'namespace-controller'
  | 'garbage-collector'
  | 'resourcequota-controller'
  | 'disruption-controller'
  | 'endpoint-slice-controller'
  | 'role-aggregation'
  | 'service-accounts'
  | 'custom-resources'
  | 'kubernetes-service'
  | 'event-expiry'
  | `stowage-${string}`;

/** A controller and the component that it is part of. */
export interface ComponentController {
  readonly component: Component;
  readonly controller: Controller;
}

/** `controller` as a part of `component`, for lists of controllers of different kinds. */
export function part<K extends KubeObject>(component: Component, controller: Controller<K>): ComponentController {
  // why trusted: the runtime calls `reconcile` with objects of the controller's own informer only
  return { component, controller: trusted<Controller>(controller) };
}
