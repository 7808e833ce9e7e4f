import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumes } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import { createClaimBindingController, createVolumeBindingController } from '#controllers/binding/controller.ts';
import { VolumeIndex } from '#controllers/binding/volume-index.ts';
import type { ConnectedDrivers } from '#controllers/drivers.ts';
import { createEventsController } from '#controllers/events/controller.ts';
import { createNamespacesController } from '#controllers/namespaces/controller.ts';
import { createClaimProtectionController, createVolumeProtectionController } from '#controllers/protection/controller.ts';
import { createProvisioningController } from '#controllers/provisioning/controller.ts';
import { createReclaimController } from '#controllers/reclaim/controller.ts';
import { createSchedulingController } from '#controllers/scheduling/controller.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { createEventRecorder, type BufferedEventRecorder } from '#machinery/runtime/create-event-recorder.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Controller } from '#machinery/runtime/controller.ts';
import { type ControllerDeps, runController, type RunningController } from '#machinery/runtime/run-controller.ts';

/** What the controllers of one platform share. */
export interface ControllersOptions extends Omit<ControllerDeps, 'events'> {
  readonly informers: InformerFactory;
  readonly drivers: ConnectedDrivers;
  readonly clock: Clock;
  readonly namespacedResources: () => readonly Resource[];
}

/** The controllers at work. */
export interface RunningControllers {
  stop(): Promise<void>;
}

/** How long waiting events may hold up a stop. */
const FLUSH_MS = 2_000;

/** Starts every controller; resolves when all of them have seen every object. */
export async function startControllers(options: ControllersOptions): Promise<RunningControllers> {
  const { informers, drivers, clock } = options;
  const index = new VolumeIndex(informers.for(persistentVolumes));
  const running: RunningController[] = [];
  const recorders: BufferedEventRecorder[] = [];
  const run = <K extends KubeObject>(component: string, controller: Controller<K>): void => {
    const events = createEventRecorder({ ...options, component });
    recorders.push(events);
    running.push(runController(controller, { ...options, events }));
  };
  // why: event sources are named as upstream names them, because people search for these names
  run('persistentvolume-controller', createClaimBindingController({ informers, index, isProvisionedHere: (name) => drivers.find(name) !== undefined }));
  run('persistentvolume-controller', createVolumeBindingController({ informers }));
  run('stowage-provisioner', createProvisioningController({ informers, drivers, clock }));
  run('stowage-provisioner', createReclaimController({ informers, drivers }));
  run('pvc-protection-controller', createClaimProtectionController({ informers }));
  run('pv-protection-controller', createVolumeProtectionController({ informers }));
  run('default-scheduler', createSchedulingController({ informers, index }));
  run('namespace-controller', createNamespacesController({ informers, namespacedResources: options.namespacedResources }));
  run('event-expiry', createEventsController({ informers }));
  await informers.start();
  await Promise.all(running.map((controller) => controller.ready));
  return {
    async stop() {
      await Promise.all(running.map((controller) => controller.stop()));
      const signal = AbortSignal.timeout(FLUSH_MS);
      await Promise.all(recorders.map((recorder) => recorder.flush(signal)));
      await Promise.all(recorders.map((recorder) => recorder.stop()));
    },
  };
}
