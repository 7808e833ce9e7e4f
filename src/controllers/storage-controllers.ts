import { persistentVolumes } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { createAttachController } from './attachment/attach-controller.ts';
import { createAttacherController } from './attachment/attacher.ts';
import { createDetachController } from './attachment/detach-controller.ts';
import { createVolumeReleaseController } from './attachment/release-volume-controller.ts';
import { createClaimBindingController, createVolumeBindingController } from './binding/controller.ts';
import { VolumeIndex } from './binding/volume-index.ts';
import { createCapacityController } from './capacity/controller.ts';
import type { ComponentController } from './component.ts';
import type { ConnectedDrivers } from './drivers.ts';
import { createEphemeralController } from './ephemeral/controller.ts';
import { createExpansionController } from './expansion/controller.ts';
import { createModificationController } from './modification/controller.ts';
import { createAttributesClassProtectionController } from './protection/attributes-class.ts';
import { createCloneSourceProtectionController } from './protection/clone-source.ts';
import { createClaimProtectionController, createVolumeProtectionController } from './protection/controller.ts';
import { createProvisioningController } from './provisioning/controller.ts';
import { createReclaimController } from './reclaim/controller.ts';
import { createSchedulingController } from './scheduling/controller.ts';
import { anyController } from './trigger.ts';

/** What the storage controllers need. */
export interface StorageControllerDeps {
  /** Its client is the one to run the controllers with: then each sees its own writes at once. */
  readonly informers: InformerFactory;
  readonly drivers: ConnectedDrivers;
  readonly clock: Clock;
  /** How long one call of a driver may take; default 10 s. */
  readonly driverTimeoutMs?: number;
  /** Directories of this machine that the platform lives from, and that no recycling may empty. */
  readonly keptPaths?: readonly string[];
}

/** Every controller that claims, volumes and the pods that use them need, each once. */
export function createStorageControllers(deps: StorageControllerDeps): readonly ComponentController[] {
  const { informers, drivers, clock, driverTimeoutMs, keptPaths = [] } = deps;
  const index = new VolumeIndex(informers.for(persistentVolumes));
  const timeout = driverTimeoutMs === undefined ? {} : { timeoutMs: driverTimeoutMs };
  const isProvisionedHere = (driverName: string): boolean => drivers.find(driverName) !== undefined;
  return [
    {
      component: 'persistentvolume-controller',
      controller: anyController(createClaimBindingController({ informers, index, isProvisionedHere })),
    },
    { component: 'persistentvolume-controller', controller: anyController(createVolumeBindingController({ informers })) },
    {
      component: 'external-provisioner',
      controller: anyController(createProvisioningController({ informers, drivers, clock, ...timeout })),
    },
    {
      component: 'external-provisioner',
      controller: anyController(createReclaimController({ informers, drivers, clock, keptPaths, ...timeout })),
    },
    { component: 'external-provisioner', controller: anyController(createCapacityController({ informers, drivers, ...timeout })) },
    { component: 'external-resizer', controller: anyController(createExpansionController({ informers, drivers, clock, ...timeout })) },
    { component: 'external-resizer', controller: anyController(createModificationController({ informers, drivers, clock, ...timeout })) },
    { component: 'vac-protection-controller', controller: anyController(createAttributesClassProtectionController({ informers })) },
    { component: 'persistentvolume-controller', controller: anyController(createClaimProtectionController({ informers })) },
    { component: 'persistentvolume-controller', controller: anyController(createVolumeProtectionController({ informers })) },
    { component: 'external-provisioner', controller: anyController(createCloneSourceProtectionController({ informers })) },
    { component: 'attachdetach-controller', controller: anyController(createAttachController({ informers })) },
    { component: 'attachdetach-controller', controller: anyController(createDetachController({ informers })) },
    { component: 'external-attacher', controller: anyController(createAttacherController({ informers, drivers, clock, ...timeout })) },
    { component: 'external-attacher', controller: anyController(createVolumeReleaseController({ informers })) },
    { component: 'ephemeral_volume', controller: anyController(createEphemeralController({ informers })) },
    { component: 'default-scheduler', controller: anyController(createSchedulingController({ informers, index })) },
  ];
}
