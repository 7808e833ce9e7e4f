import type { Controller } from '#machinery/runtime/controller.ts';

/** What a cluster that Stowage is installed on has already, and therefore does itself. */
type ClusterPart = 'kube-controller-manager' | 'kube-scheduler' | 'kube-apiserver';

/** Where controllers work: on the embedded API, where nobody else does anything, or on a cluster. */
type Surroundings = 'embedded' | 'cluster';

/**
 * Every component by the name under which its events appear (`kubectl describe`, column From; upstream's names), and who does its work on a
 * cluster. `null` = nobody: those are sidecars that each driver brings, and for Stowage's drivers Stowage is the sidecar.
 */
const DONE_BY = {
  'persistentvolume-controller': 'kube-controller-manager',
  'attachdetach-controller': 'kube-controller-manager',
  ephemeral_volume: 'kube-controller-manager',
  'vac-protection-controller': 'kube-controller-manager',
  'external-provisioner': null,
  'external-resizer': null,
  'external-attacher': null,
  'default-scheduler': 'kube-scheduler',
  'replicaset-controller': 'kube-controller-manager',
  'replication-controller': 'kube-controller-manager',
  'deployment-controller': 'kube-controller-manager',
  'statefulset-controller': 'kube-controller-manager',
  'daemonset-controller': 'kube-controller-manager',
  'job-controller': 'kube-controller-manager',
  'cronjob-controller': 'kube-controller-manager',
  'node-controller': 'kube-controller-manager',
  'taint-eviction-controller': 'kube-controller-manager',
  'pod-garbage-collector': 'kube-controller-manager',
  'namespace-controller': 'kube-controller-manager',
  'garbage-collector': 'kube-controller-manager',
  'resourcequota-controller': 'kube-controller-manager',
  'disruption-controller': 'kube-controller-manager',
  'endpoint-slice-controller': 'kube-controller-manager',
  'role-aggregation': 'kube-controller-manager',
  'service-accounts': 'kube-controller-manager',
  'custom-resources': 'kube-apiserver',
  'kubernetes-service': 'kube-apiserver',
  'event-expiry': 'kube-apiserver',
} as const satisfies Readonly<Record<string, ClusterPart | null>>;

/** The name of a component. */
export type Component = keyof typeof DONE_BY;

/** A controller and the component that it is part of. */
export interface ComponentController {
  readonly controller: Controller;
  readonly component: Component;
}

/** Those that work in these surroundings: on a cluster, what it has already stays off, so that nothing is done twice. Pure. */
export function controllersFor(surroundings: Surroundings, all: readonly ComponentController[]): readonly ComponentController[] {
  return surroundings === 'embedded' ? all : all.filter(({ component }) => DONE_BY[component] === null);
}
