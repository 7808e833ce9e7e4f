import { type ComponentController, part } from '../../component.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { DriverControllerDeps } from '../driver-work/drivers.ts';
import { createSnapshotClaimProtectionController } from './claim-protection.ts';
import { createSnapshotContentController } from './content-controller.ts';
import { createGroupContentController } from './groups/group-content-controller.ts';
import { createGroupController } from './groups/group-controller.ts';
import { SnapshotOperations } from './metrics.ts';
import { createRestoreProtectionController } from './restore-protection.ts';
import { createSnapshotController } from './snapshot-controller.ts';

/** What the work with snapshots needs. */
export interface SnapshotControllerDeps extends DriverControllerDeps {
  /** Where it is told how long it takes. */
  readonly metrics: Metrics;
}

/** What snapshot-controller and external-snapshotter do on a cluster. */
export function createSnapshotControllers(deps: SnapshotControllerDeps): readonly ComponentController[] {
  const { informers } = deps;
  const operations = new SnapshotOperations(deps);
  return [
    part('snapshot-controller', createSnapshotController({ informers, operations })),
    part('snapshot-controller', createSnapshotClaimProtectionController(deps)),
    part('external-provisioner', createRestoreProtectionController(deps)),
    part('external-snapshotter', createSnapshotContentController(deps)),
    part('snapshot-controller', createGroupController({ informers, operations })),
    part('external-snapshotter', createGroupContentController(deps)),
  ];
}
