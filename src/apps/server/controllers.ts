import type { Resource } from '#api/meta/resource.ts';
import { BUILT_IN_RESOURCES, customResourceDefinitions } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import type { ConnectedDrivers } from '#controllers/csi/driver-work/drivers.ts';
import { type Component, type ComponentController, part } from '#controllers/component.ts';
import { createCsiControllers } from '#controllers/csi/csi-controllers.ts';
import { createCustomResourcesController } from '#controllers/cluster/custom-resources/controller.ts';
import { createDisruptionController } from '#controllers/cluster/disruption/controller.ts';
import { createEndpointsController } from '#controllers/cluster/endpoints/controller.ts';
import { createEventsController } from '#controllers/cluster/events/controller.ts';
import { GarbageCollection } from '#controllers/cluster/garbage-collection/controller.ts';
import { collectOwnKinds } from '#controllers/cluster/garbage-collection/own-kinds.ts';
import { createNodeControllers } from '#controllers/cluster/node-controllers.ts';
import { createKubernetesServiceController } from '#controllers/cluster/kubernetes-service/controller.ts';
import type { ApiEndpoints } from '#controllers/cluster/kubernetes-service/plan.ts';
import { createNamespacesController } from '#controllers/cluster/namespaces/controller.ts';
import { createQuotaController, type QuotaUsageSource } from '#controllers/cluster/quota/controller.ts';
import { createRoleAggregationController } from '#controllers/cluster/role-aggregation/controller.ts';
import { createServiceAccountsController } from '#controllers/cluster/service-accounts/controller.ts';
import { createVolumeControllers } from '#controllers/cluster/volume-controllers.ts';
import { createWorkloadControllers } from '#controllers/cluster/workload-controllers.ts';
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
    ...createVolumeControllers({ informers, isProvisionedHere: (driverName) => drivers.find(driverName) !== undefined }),
    ...createCsiControllers({ informers, drivers, clock, keptPaths, timeoutMs: driverTimeoutMs }),
    ...createWorkloadControllers({ informers }),
    ...createNodeControllers({ informers, clock }),
    part('namespace-controller', createNamespacesController({ informers, namespacedResources })),
    part('custom-resources', createCustomResourcesController({ informers })),
    part('role-aggregation', createRoleAggregationController({ informers })),
    part('service-accounts', createServiceAccountsController({ informers, rootCaPem })),
    part('kubernetes-service', createKubernetesServiceController({ informers, api: options.apiEndpoints })),
    part('resourcequota-controller', createQuotaController({ informers, usage: quotaUsage, clock })),
    part('disruption-controller', createDisruptionController({ informers })),
    part('endpoint-slice-controller', createEndpointsController({ informers })),
    part('event-expiry', createEventsController({ informers })),
    ...garbage.collectAll(BUILT_IN_RESOURCES).map((controller) => part('garbage-collector', controller)),
  ];
  const recorders = new Map<Component, BufferedEventRecorder>();
  const recorderOf = (component: Component): BufferedEventRecorder => {
    const known = recorders.get(component) ?? createEventRecorder({ ...options, component });
    recorders.set(component, known);
    return known;
  };
  const running = all.map(({ component, controller }) => runController(controller, { ...options, events: recorderOf(component) }));
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
