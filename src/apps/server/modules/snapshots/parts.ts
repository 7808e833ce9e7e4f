import { definitionsOf } from '#api/definitions/brought-along.ts';
import { VOLUMES_GROUP } from '#api/definitions/rollbacks.ts';
import { SNAPSHOT_SCHEDULE_REASONS } from '#api/reasons/snapshot-schedules.ts';
import { SNAPSHOT_REASONS } from '#api/reasons/snapshots.ts';
import { ROLLBACK_REASONS } from '#api/reasons/rollbacks.ts';
import { part } from '#controllers/component.ts';
import { createSnapshotControllers } from '#controllers/csi/snapshots/snapshot-controllers.ts';
import { createRollbackController } from '#controllers/stowage/rollback/controller.ts';
import { createSnapshotScheduleController } from '#controllers/stowage/snapshot-schedule/controller.ts';
import { settingsOf } from '#kit/config.ts';
import { csiFlags } from '../csi/flags.ts';
import type { ModuleParts } from '../module.ts';
import { userRoles } from '../user-roles.ts';

/** What the module snapshots is at work with. */
export const snapshotsParts: ModuleParts = {
  reasons: [SNAPSHOT_REASONS, ROLLBACK_REASONS, SNAPSHOT_SCHEDULE_REASONS],
  controllerNames: [
    'snapshot',
    'snapshot-claim-protection',
    'restore-protection',
    'snapshot-content',
    'group-snapshot',
    'group-snapshot-content',
    'rollback',
    'snapshot-schedule',
  ],
  controllers: ({ config, ...deps }) => {
    const { driverTimeoutSec } = settingsOf(csiFlags, config);
    // why nothing where nobody said: external-snapshotter gives a driver six times as long as external-provisioner does
    const ofDrivers = createSnapshotControllers(driverTimeoutSec === undefined ? deps : { ...deps, timeoutMs: driverTimeoutSec * 1_000 });
    return {
      always: [
        ...ofDrivers,
        part('stowage-rollback', createRollbackController(deps)),
        part('stowage-snapshot-schedule', createSnapshotScheduleController(deps)),
      ],
    };
  },
  definitions: () => definitionsOf('snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io', VOLUMES_GROUP),
  roles: () =>
    userRoles('snapshots', {
      'snapshot.storage.k8s.io': ['volumesnapshots'],
      'groupsnapshot.storage.k8s.io': ['volumegroupsnapshots'],
      [VOLUMES_GROUP]: ['volumerollbacks', 'snapshotschedules'],
    }),
};
