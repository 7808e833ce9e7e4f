import { LOCAL_DRIVER_REASONS } from '#api/reasons/local-driver.ts';
import { TOPOLOGY_KEY } from '#drivers/local/create-request.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { volumeIdOf } from '#drivers/local/volume-record.ts';
import { settingsOf } from '#kit/config.ts';
import { routeDriver } from '#protocols/csi/driver-router.ts';
import { describeVolumes } from './describe-volumes.ts';
import { ensureClassBinding } from './ensure-class-binding.ts';
import { localFlags } from './flags.ts';
import { localObjects } from './objects.ts';
import { poolHistory } from './pool-history.ts';
import { startLocalStorage } from './storage.ts';
import type { ModuleParts } from '../module.ts';

/** What the module local is at work with. */
export const localParts: ModuleParts = {
  reasons: [LOCAL_DRIVER_REASONS],
  initialObjects: ({ nodeCount }) => ({ platform: localObjects(nodeCount) }),
  prepare: (client, { nodeCount }) => ensureClassBinding(client, { classes: ['local'], nodeCount }),
  driver: {
    driverName: DRIVER_NAME,
    describe: describeVolumes,
    start: ({ nodeDir, client, config, nodeCount: poolShare, ...options }) => {
      const { poolSize: poolSizeBytes } = settingsOf(localFlags, config);
      const history = nodeDir === undefined ? undefined : poolHistory(nodeDir, options.nodeName, client);
      return startLocalStorage({ ...options, poolSizeBytes, poolShare, history });
    },
    join: (endpoints, clock) => {
      const placed = endpoints.map(({ nodeName, client }) => ({ nodeName, client, segments: { [TOPOLOGY_KEY]: nodeName } }));
      return routeDriver({ endpoints: placed, clock, volumeIdOf });
    },
  },
};
