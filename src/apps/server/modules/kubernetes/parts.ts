import { SYSTEM_PRIORITY_CLASSES } from '#api/priority.ts';
import { CLUSTER_REASONS } from '#api/reasons/cluster.ts';
import { DEFINITION_REASONS } from '#api/reasons/definitions.ts';
import { WORKLOAD_REASONS } from '#api/reasons/workloads.ts';
import type { Resource } from '#api/meta/resource.ts';
import { BUILT_IN_RESOURCES, customResourceDefinitions, namespaces, priorityClasses, resourceQuotas } from '#api/resources.ts';
import { claimResize } from '#controllers/cluster/classes/claim-resize.ts';
import { defaultStorageClass } from '#controllers/cluster/classes/default-storage-class.ts';
import { createCustomResourcesController } from '#controllers/cluster/custom-resources/controller.ts';
import { createDisruptionController } from '#controllers/cluster/disruption/controller.ts';
import { createEndpointsController } from '#controllers/cluster/endpoints/controller.ts';
import { createEventsController } from '#controllers/cluster/events/controller.ts';
import { GarbageCollection } from '#controllers/cluster/garbage-collection/controller.ts';
import { collectOwnKinds } from '#controllers/cluster/garbage-collection/own-kinds.ts';
import { createKubernetesServiceController } from '#controllers/cluster/kubernetes-service/controller.ts';
import { createNamespacesController } from '#controllers/cluster/namespaces/controller.ts';
import { createNodeControllers } from '#controllers/cluster/node-controllers.ts';
import { createQuotaController } from '#controllers/cluster/quota/controller.ts';
import { createRoleAggregationController } from '#controllers/cluster/role-aggregation/controller.ts';
import { createServiceAccountsController } from '#controllers/cluster/service-accounts/controller.ts';
import { createVolumeControllers } from '#controllers/cluster/volume-controllers.ts';
import { createWorkloadControllers } from '#controllers/cluster/workload-controllers.ts';
import { type ComponentController, part } from '#controllers/component.ts';
import { RESOURCE_QUOTA_WORDS } from '#machinery/apiserver/admission/quota/quota-admission.ts';
import { RESOURCE_QUOTAS } from '#machinery/apiserver/admission/quota/quota-kind.ts';
import { type InitialObject, initial } from '../../initial-objects.ts';
import type { ControllerSet, ModuleDeps, ModuleParts, OwnApi } from '../module.ts';

/** The namespaces that every cluster has (kube-apiserver makes the same). */
const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const;

/** What runs for the cluster itself may need the machine. */
const SYSTEM_LABELS: Readonly<Partial<Record<string, Record<string, string>>>> = {
  'kube-system': { 'pod-security.kubernetes.io/enforce': 'privileged' },
};

/** What the module kubernetes is at work with. */
export const kubernetesParts: ModuleParts = {
  reasons: [CLUSTER_REASONS, DEFINITION_REASONS, WORKLOAD_REASONS],
  initialObjects: () => ({ platform: namespaceObjects(), priorities: priorityObjects() }),
  admission: () => [defaultStorageClass, claimResize],
  quotas: [{ kind: RESOURCE_QUOTAS, words: RESOURCE_QUOTA_WORDS }],
  controllers: controllersOf,
};

function namespaceObjects(): readonly InitialObject[] {
  return SYSTEM_NAMESPACES.map((name) => initial(namespaces, { metadata: { name, labels: SYSTEM_LABELS[name] ?? {} }, spec: {} }));
}

/** The priority classes that every cluster has. */
function priorityObjects(): readonly InitialObject[] {
  const description = 'For pods that the cluster can not do without.';
  return [...SYSTEM_PRIORITY_CLASSES].map(([name, value]) => initial(priorityClasses, { metadata: { name }, value, description }));
}

function controllersOf(deps: ModuleDeps): ControllerSet {
  const { informers, drivers, clock, log, api } = deps;
  const garbage = new GarbageCollection(informers);
  return {
    always: [
      ...createVolumeControllers({ informers, isProvisionedHere: (driverName) => drivers.find(driverName) !== undefined }),
      ...createWorkloadControllers({ informers }),
      ...createNodeControllers({ informers, clock }),
      part('custom-resources', createCustomResourcesController({ informers })),
      part('role-aggregation', createRoleAggregationController({ informers })),
      part('disruption-controller', createDisruptionController({ informers })),
      part('endpoint-slice-controller', createEndpointsController({ informers })),
      part('event-expiry', createEventsController({ informers })),
      ...(api === undefined ? [] : controllersOfApi(deps, api)),
      ...garbage.collectAll(BUILT_IN_RESOURCES).map((controller) => part('garbage-collector', controller)),
    ],
    follow: (run) =>
      collectOwnKinds({
        garbage,
        definitions: informers.for(customResourceDefinitions),
        run: (controller) => run(part('garbage-collector', controller)),
        log,
      }),
  };
}

function controllersOfApi({ informers, clock }: ModuleDeps, api: OwnApi): readonly ComponentController[] {
  const { rootCaPem, endpoints } = api;
  const usage = api.quotaUsage(resourceQuotas);
  const namespacedResources = (): readonly Resource[] => api.servedResources().filter((resource) => resource.isNamespaced);
  return [
    part('namespace-controller', createNamespacesController({ informers, namespacedResources })),
    part('service-accounts', createServiceAccountsController({ informers, rootCaPem })),
    part('kubernetes-service', createKubernetesServiceController({ informers, api: endpoints })),
    ...(usage === undefined ? [] : [part('resourcequota-controller', createQuotaController({ informers, usage, clock }))]),
  ];
}
