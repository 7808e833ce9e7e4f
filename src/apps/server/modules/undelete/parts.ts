import { definitionsOf } from '#api/definitions/brought-along.ts';
import { VOLUMES_GROUP } from '#api/definitions/rollbacks.ts';
import { deletedClaims } from '#api/generated/definitions.ts';
import type { ClusterRole } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { UNDELETE_REASONS } from '#api/reasons/undelete.ts';
import { createUndeleteControllers } from '#controllers/stowage/undelete/undelete-controllers.ts';
import { aggregatedTo, AUTO_UPDATE } from '#machinery/apiserver/access/rbac/default-policy.ts';
import type { ModuleParts } from '../module.ts';

/** What the module undelete is at work with. */
export const undeleteParts: ModuleParts = {
  reasons: [UNDELETE_REASONS],
  definitions: () => definitionsOf(`${deletedClaims.plural}.${VOLUMES_GROUP}`),
  roles: () => [
    // why no more: claims are brought back by creating them, and what tells of them is the platform's to write
    role('view', ['get', 'list', 'watch']),
    // why not for who edits: what was deleted by mistake, or by somebody who took over an account, would be gone for good
    role('admin', ['delete']),
  ],
  controllerNames: ['deletion-grace', 'kept-volume', 'deleted-claim'],
  controllers: ({ informers, drivers, metrics, api }) => ({
    // why on a cluster only drivers that are connected: others have a provisioner beside them, which deletes without asking
    always: createUndeleteControllers({
      informers,
      metrics,
      isReclaimedHere: (driverName) => api !== undefined || drivers.names().includes(driverName),
    }),
  }),
};

function role(name: 'admin' | 'view', verbs: readonly string[]): Draft<ClusterRole> {
  return {
    metadata: { name: `stowage:undelete:${name}`, labels: aggregatedTo(name), annotations: { [AUTO_UPDATE]: 'true' } },
    rules: [{ apiGroups: [VOLUMES_GROUP], resources: [deletedClaims.plural], verbs }],
  };
}
