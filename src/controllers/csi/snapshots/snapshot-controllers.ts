import { type ComponentController, part } from '../../component.ts';
import type { DriverControllerDeps } from '../driver-work/drivers.ts';
import { createSnapshotClaimProtectionController } from './claim-protection.ts';
import { createSnapshotContentController } from './content-controller.ts';
import { createGroupContentController } from './groups/group-content-controller.ts';
import { createGroupController } from './groups/group-controller.ts';
import { createRestoreProtectionController } from './restore-protection.ts';
import { createSnapshotController } from './snapshot-controller.ts';

/** What snapshot-controller and external-snapshotter do on a cluster. */
export function createSnapshotControllers(deps: DriverControllerDeps): readonly ComponentController[] {
  return [
    part('snapshot-controller', createSnapshotController(deps)),
    part('snapshot-controller', createSnapshotClaimProtectionController(deps)),
    part('external-provisioner', createRestoreProtectionController(deps)),
    part('external-snapshotter', createSnapshotContentController(deps)),
    part('snapshot-controller', createGroupController(deps)),
    part('external-snapshotter', createGroupContentController(deps)),
  ];
}
