import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { ModuleParts } from '../module.ts';
import { userRoles } from '../user-roles.ts';

/** What the module snapshots is at work with. */
export const snapshotsParts: ModuleParts = {
  definitions: () => definitionsOf('snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io', 'populator.storage.k8s.io'),
  roles: () =>
    userRoles('snapshots', {
      'snapshot.storage.k8s.io': ['volumesnapshots'],
      'groupsnapshot.storage.k8s.io': ['volumegroupsnapshots'],
    }),
};
