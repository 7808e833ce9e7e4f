import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { ModuleParts } from '../module.ts';
import { userRoles } from '../user-roles.ts';

/** What the module replication is at work with. */
export const replicationParts: ModuleParts = {
  definitions: () => definitionsOf('volsync.backube'),
  roles: () => userRoles('replication', { 'volsync.backube': ['replicationsources', 'replicationdestinations'] }),
};
