import { definitionsOf } from '#api/definitions/brought-along.ts';
import { CSI_REASONS } from '#api/reasons/csi.ts';
import { createCsiControllers } from '#controllers/csi/csi-controllers.ts';
import { settingsOf } from '#kit/config.ts';
import { StorageOperations } from '#protocols/csi/storage-operations.ts';
import type { ModuleParts } from '../module.ts';
import { userRoles } from '../user-roles.ts';
import { csiFlags } from './flags.ts';

/** external-provisioner's `--timeout`. */
const DRIVER_TIMEOUT_SEC = 10;

/** What the module csi is at work with. */
export const csiParts: ModuleParts = {
  reasons: [CSI_REASONS],
  // why here: what a volume is filled from may be of another namespace, with a grant of that one
  definitions: () => definitionsOf('gateway.networking.k8s.io'),
  roles: () => userRoles('csi', { 'gateway.networking.k8s.io': ['referencegrants'] }),
  controllers: ({ config, ...deps }) => {
    const { driverTimeoutSec } = settingsOf(csiFlags, config);
    const timeoutMs = (driverTimeoutSec ?? DRIVER_TIMEOUT_SEC) * 1_000;
    return { always: createCsiControllers({ ...deps, operations: new StorageOperations(deps), timeoutMs }) };
  },
};
