import type { Resource } from '#api/meta/resource.ts';
import { BUILT_IN_RESOURCES, customResourceDefinitions } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import type { ConnectedDrivers } from '#controllers/drivers.ts';
import { type Component, type ComponentController, controllersFor } from '#controllers/component.ts';
import { createCustomResourcesController } from '#controllers/custom-resources/controller.ts';
import { createDisruptionController } from '#controllers/disruption/controller.ts';
import { createEndpointsController } from '#controllers/endpoints/controller.ts';
import { createEventsController } from '#controllers/events/controller.ts';
import { GarbageCollection } from '#controllers/garbage-collection/controller.ts';
import { collectOwnKinds } from '#controllers/garbage-collection/own-kinds.ts';
import { createNodeControllers } from '#controllers/node-controllers.ts';
import { createKubernetesServiceController } from '#controllers/kubernetes-service/controller.ts';
import type { ApiEndpoints } from '#controllers/kubernetes-service/plan.ts';
import { createNamespacesController } from '#controllers/namespaces/controller.ts';
import { createQuotaController, type QuotaUsageSource } from '#controllers/quota/controller.ts';
import { createRoleAggregationController } from '#controllers/role-aggregation/controller.ts';
import { createServiceAccountsController } from '#controllers/service-accounts/controller.ts';
import { createStorageControllers } from '#controllers/storage-controllers.ts';
import { createWorkloadControllers } from '#controllers/workload-controllers.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type BufferedEventRecorder, createEventRecorder } from '#machinery/runtime/create-event-recorder.ts';
import { type ControllerDeps, runController } from '#machinery/runtime/run-controller.ts';

/** What the controllers of one platform share. */
export interface ControllersOptions extends Omit<ControllerDeps, 'events'> {
  readonly informers: InformerFactory;
  readonly drivers: ConnectedDrivers;
  readonly clock: Clock;
  /** How long one call of a driver may take. */
  readonly driverTimeoutMs: number;
  /** The certificate of the API's authority. */
  readonly rootCaPem: string;
  /** Where pods reach the API. */
  readonly apiEndpoints: ApiEndpoints;
  readonly quotaUsage: QuotaUsageSource;
  /** Directories of this machine that the platform lives from. */
  readonly keptPaths: readonly string[];
  /** Every kind that the API serves now. */
  readonly servedResources: () => readonly Resource[];
}

/** The controllers at work. */
export interface RunningControllers {
  stop(): Promise<void>;
}

/** How long waiting events may hold up a stop. */
const FLUSH_MS = 2_000;

/** Starts every controller; resolves when all of them have seen every object. */
export async function startControllers(options: ControllersOptions): Promise<RunningControllers> {
  const { informers, drivers, clock, servedResources, rootCaPem, quotaUsage, keptPaths, driverTimeoutMs } = options;
  const namespacedResources = (): readonly Resource[] => servedResources().filter((resource) => resource.isNamespaced);
  const garbage = new GarbageCollection(informers);
  const all: readonly ComponentController[] = [
    ...createStorageControllers({ informers, drivers, clock, keptPaths, driverTimeoutMs }),
    ...createWorkloadControllers({ informers }),
    ...createNodeControllers({ informers, clock }),
    { component: 'namespace-controller', controller: createNamespacesController({ informers, namespacedResources }) },
    { component: 'custom-resources', controller: createCustomResourcesController({ informers }) },
    { component: 'role-aggregation', controller: createRoleAggregationController({ informers }) },
    { component: 'service-accounts', controller: createServiceAccountsController({ informers, rootCaPem }) },
    { component: 'kubernetes-service', controller: createKubernetesServiceController({ informers, api: options.apiEndpoints }) },
    { component: 'resourcequota-controller', controller: createQuotaController({ informers, usage: quotaUsage, clock }) },
    { component: 'disruption-controller', controller: createDisruptionController({ informers }) },
    { component: 'endpoint-slice-controller', controller: createEndpointsController({ informers }) },
    { component: 'event-expiry', controller: createEventsController({ informers }) },
    ...garbage.collectAll(BUILT_IN_RESOURCES).map((controller) => ({ component: 'garbage-collector' as const, controller })),
  ];
  const parts = controllersFor('embedded', all);
  const recorders = new Map<Component, BufferedEventRecorder>();
  const recorderOf = (component: Component): BufferedEventRecorder => {
    const known = recorders.get(component) ?? createEventRecorder({ ...options, component });
    recorders.set(component, known);
    return known;
  };
  const running = parts.map(({ component, controller }) => runController(controller, { ...options, events: recorderOf(component) }));
  await informers.start();
  await Promise.all(running.map((controller) => controller.ready));
  const ownKinds = collectOwnKinds({
    garbage,
    definitions: informers.for(customResourceDefinitions),
    run: (controller) => runController(controller, { ...options, events: recorderOf('garbage-collector') }),
    log: options.log,
  });
  return {
    async stop() {
      await ownKinds.stop();
      await Promise.all(running.map((controller) => controller.stop()));
      const signal = AbortSignal.timeout(FLUSH_MS);
      await Promise.all([...recorders.values()].map((recorder) => recorder.flush(signal)));
      await Promise.all([...recorders.values()].map((recorder) => recorder.stop()));
    },
  };
}
