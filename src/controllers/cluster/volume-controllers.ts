import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type ComponentController, part } from '../component.ts';
import { createAttachController } from './attach-detach/attach-controller.ts';
import { createDetachController } from './attach-detach/detach-controller.ts';
import { createClaimBindingController, createVolumeBindingController } from './binding/controller.ts';
import { indexVolumes } from './binding/volume-index.ts';
import { createEphemeralController } from './ephemeral/controller.ts';
import { createAttributesClassProtectionController } from './protection/attributes-class.ts';
import { createClaimProtectionController, createVolumeProtectionController } from './protection/controller.ts';
import { createClaimUsageController } from './protection/usage-controller.ts';
import { createSchedulingController } from './scheduling/controller.ts';

/** What the controllers of claims, volumes and the pods that use them need. */
export interface VolumeControllerDeps {
  /** Its client is the one to run the controllers with: then each sees its own writes at once. */
  readonly informers: InformerFactory;
  /** True for a provisioner that makes volumes here, so that no other one is waited for. */
  readonly isProvisionedHere: (driverName: string) => boolean;
}

/** Every controller that claims, volumes and the pods that use them need and that calls no driver, each once. */
export function createVolumeControllers({ informers, isProvisionedHere }: VolumeControllerDeps): readonly ComponentController[] {
  const index = informers.shared(indexVolumes);
  return [
    part('persistentvolume-controller', createClaimBindingController({ informers, index, isProvisionedHere })),
    part('persistentvolume-controller', createVolumeBindingController({ informers, index })),
    part('persistentvolume-controller', createClaimProtectionController({ informers })),
    part('persistentvolume-controller', createVolumeProtectionController({ informers })),
    part('persistentvolume-controller', createClaimUsageController({ informers })),
    part('vac-protection-controller', createAttributesClassProtectionController({ informers })),
    part('attachdetach-controller', createAttachController({ informers })),
    part('attachdetach-controller', createDetachController({ informers })),
    part('ephemeral_volume', createEphemeralController({ informers })),
    part('default-scheduler', createSchedulingController({ informers })),
  ];
}
