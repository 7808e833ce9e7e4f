import { type ComponentController, part } from '../component.ts';
import { createAttacherController } from './attachment/attacher-controller.ts';
import { createVolumeReleaseController } from './attachment/release-volume-controller.ts';
import { createCapacityController } from './capacity/controller.ts';
import type { DriverControllerDeps } from './driver-work/drivers.ts';
import { createExpansionController } from './expansion/controller.ts';
import { createHealthController } from './health/controller.ts';
import { createModificationController } from './modification/controller.ts';
import { createCloneSourceProtectionController } from './provisioning/clone-source-protection.ts';
import { createProvisioningController } from './provisioning/controller.ts';
import { createReclaimController } from './reclaim/controller.ts';

/** What the work with drivers needs. */
export interface CsiControllerDeps extends DriverControllerDeps {
  /** Directories of this machine that the platform lives from, and that no recycling may empty. */
  readonly keptPaths?: readonly string[];
}

/** Everything that a driver's sidecars do on a cluster, each once. */
export function createCsiControllers(deps: CsiControllerDeps): readonly ComponentController[] {
  const { keptPaths = [] } = deps;
  return [
    part('external-provisioner', createProvisioningController(deps)),
    part('external-provisioner', createReclaimController({ ...deps, keptPaths })),
    part('external-provisioner', createCapacityController(deps)),
    part('external-provisioner', createCloneSourceProtectionController(deps)),
    part('external-resizer', createExpansionController(deps)),
    part('external-resizer', createModificationController(deps)),
    part('external-attacher', createAttacherController(deps)),
    part('external-attacher', createVolumeReleaseController(deps)),
    part('external-health-monitor', createHealthController(deps)),
  ];
}
