import { definitionsOf } from '#api/definitions/brought-along.ts';
import { VOLUMES_GROUP } from '#api/definitions/rollbacks.ts';
import { BUILT_IN_FILL_IMAGE } from '#api/populators/fill-order.ts';
import { MOVE_REASONS } from '#api/reasons/moves.ts';
import { SNAPSHOT_SCHEDULE_REASONS } from '#api/reasons/snapshot-schedules.ts';
import { SNAPSHOT_REASONS } from '#api/reasons/snapshots.ts';
import { ROLLBACK_REASONS } from '#api/reasons/rollbacks.ts';
import { part } from '#controllers/component.ts';
import { askProgressOverHttp } from '#controllers/csi/populators/progress.ts';
import { createSnapshotControllers } from '#controllers/csi/snapshots/snapshot-controllers.ts';
import { createMoveController } from '#controllers/stowage/move/controller.ts';
import { createRollbackController } from '#controllers/stowage/rollback/controller.ts';
import { createSnapshotScheduleController } from '#controllers/stowage/snapshot-schedule/controller.ts';
import { settingsOf } from '#kit/config.ts';
import { csiFlags } from '../csi/flags.ts';
import { populatorFlags } from '../populators/flags.ts';
import type { ModuleParts } from '../module.ts';
import { userRoles } from '../user-roles.ts';

/** What the module snapshots is at work with. */
export const snapshotsParts: ModuleParts = {
  reasons: [SNAPSHOT_REASONS, ROLLBACK_REASONS, MOVE_REASONS, SNAPSHOT_SCHEDULE_REASONS],
  controllerNames: [
    'snapshot',
    'snapshot-claim-protection',
    'restore-protection',
    'snapshot-content',
    'group-snapshot',
    'group-snapshot-content',
    'rollback',
    'move',
    'snapshot-schedule',
  ],
  controllers: ({ config, ...deps }) => {
    const { driverTimeoutSec } = settingsOf(csiFlags, config);
    const { populatorImage } = settingsOf(populatorFlags, config);
    // why nothing where nobody said: external-snapshotter gives a driver six times as long as external-provisioner does
    const ofDrivers = createSnapshotControllers(driverTimeoutSec === undefined ? deps : { ...deps, timeoutMs: driverTimeoutSec * 1_000 });
    return {
      always: [
        ...ofDrivers,
        part('stowage-rollback', createRollbackController(deps)),
        part('stowage-move', createMoveController({ ...deps, image: populatorImage ?? BUILT_IN_FILL_IMAGE, ask: askProgressOverHttp })),
        part('stowage-snapshot-schedule', createSnapshotScheduleController(deps)),
      ],
    };
  },
  definitions: () => definitionsOf('snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io', VOLUMES_GROUP),
  roles: () =>
    userRoles('snapshots', {
      'snapshot.storage.k8s.io': ['volumesnapshots'],
      'groupsnapshot.storage.k8s.io': ['volumegroupsnapshots'],
      [VOLUMES_GROUP]: ['volumerollbacks', 'volumemoves', 'snapshotschedules'],
    }),
};
