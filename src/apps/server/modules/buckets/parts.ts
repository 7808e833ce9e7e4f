import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { ModuleParts } from '../module.ts';
import { userRoles } from '../user-roles.ts';

/** What the module buckets is at work with. */
export const bucketsParts: ModuleParts = {
  definitions: () => definitionsOf('objectstorage.k8s.io'),
  roles: () => userRoles('buckets', { 'objectstorage.k8s.io': ['bucketclaims', 'bucketaccesses'] }),
};
