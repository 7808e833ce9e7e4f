import { LOCAL_DRIVER_REASONS } from '#api/reasons/local-driver.ts';
import { TOPOLOGY_KEY } from '#drivers/local/create-request.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { volumeIdOf } from '#drivers/local/volume-record.ts';
import { routeDriver } from '#protocols/csi/driver-router.ts';
import { ensureClassBinding } from './local/ensure-class-binding.ts';
import { localObjects } from './local/objects.ts';
import { poolHistory } from './local/pool-history.ts';
import { startLocalStorage } from './local/storage.ts';
import type { Module } from './module.ts';

/** Volumes of this machine's own disk: the driver `local.stowage.dev` on each node, and its classes. */
export const local: Module = {
  name: 'local',
  needs: ['csi'],
  reasons: [LOCAL_DRIVER_REASONS],
  initialObjects: ({ nodeCount }) => ({ platform: localObjects(nodeCount) }),
  prepare: (client, { nodeCount }) => ensureClassBinding(client, nodeCount),
  driver: {
    driverName: DRIVER_NAME,
    start: ({ nodeDir, client, ...options }) =>
      startLocalStorage({ ...options, history: nodeDir === undefined ? undefined : poolHistory(nodeDir, options.nodeName, client) }),
    join: (endpoints, clock) => {
      const placed = endpoints.map(({ nodeName, client }) => ({ nodeName, client, segments: { [TOPOLOGY_KEY]: nodeName } }));
      return routeDriver({ endpoints: placed, clock, volumeIdOf });
    },
  },
};
