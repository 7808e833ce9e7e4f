import { definitionsOf } from '#api/definitions/brought-along.ts';
import { SNAPSHOT_REASONS } from '#api/reasons/snapshots.ts';
import { createSnapshotControllers } from '#controllers/csi/snapshots/snapshot-controllers.ts';
import { settingsOf } from '#kit/config.ts';
import { csiFlags } from '../csi/flags.ts';
import type { ModuleParts } from '../module.ts';
import { userRoles } from '../user-roles.ts';

/** What the module snapshots is at work with. */
export const snapshotsParts: ModuleParts = {
  reasons: [SNAPSHOT_REASONS],
  controllerNames: [
    'snapshot',
    'snapshot-claim-protection',
    'restore-protection',
    'snapshot-content',
    'group-snapshot',
    'group-snapshot-content',
  ],
  controllers: ({ config, ...deps }) => {
    const { driverTimeoutSec } = settingsOf(csiFlags, config);
    // why nothing where nobody said: external-snapshotter gives a driver six times as long as external-provisioner does
    return { always: createSnapshotControllers(driverTimeoutSec === undefined ? deps : { ...deps, timeoutMs: driverTimeoutSec * 1_000 }) };
  },
  definitions: () => definitionsOf('snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io'),
  roles: () =>
    userRoles('snapshots', {
      'snapshot.storage.k8s.io': ['volumesnapshots'],
      'groupsnapshot.storage.k8s.io': ['volumegroupsnapshots'],
    }),
};
