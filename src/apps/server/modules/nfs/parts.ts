import { ACCESS_MODES } from '#api/access-modes.ts';
import { NFS_REASONS } from '#api/reasons/nfs.ts';
import { csiDrivers } from '#api/resources.ts';
import { DRIVER_NAME } from '#drivers/nfs/identity.ts';
import { initial } from '../../initial-objects.ts';
import type { ModuleParts } from '../module.ts';
import { nfsPreflight } from './preflight.ts';
import { nfsSettings } from './settings.ts';
import { startNfs } from './start-nfs.ts';

/** What the module nfs is at work with. */
export const nfsParts: ModuleParts = {
  reasons: [NFS_REASONS],
  initialObjects: () => ({
    nfs: [
      initial(csiDrivers, {
        metadata: { name: DRIVER_NAME },
        // why fsGroup None: ownership on NFS is the server's business (VOL-13)
        spec: { attachRequired: false, podInfoOnMount: false, fsGroupPolicy: 'None', volumeLifecycleModes: ['Persistent'] },
      }),
    ],
  }),
  settings: nfsSettings,
  preflight: nfsPreflight,
  driver: {
    driverName: DRIVER_NAME,
    describe: () => ({
      snapshot: false,
      volumeModes: ['Filesystem'],
      accessModes: ACCESS_MODES.map(({ name }) => name),
      blockAccessModes: [],
    }),
    start: startNfs,
    // why the first alone: every node reaches every server
    join: ([first, ...others]) => {
      for (const { client } of others) client.close();
      return first.client;
    },
  },
};
