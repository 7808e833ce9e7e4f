import { createNfsDriver } from '#drivers/nfs/driver.ts';
import { connectCsi } from '#protocols/csi/client.ts';
import { serveCsi } from '#protocols/csi/server.ts';
import type { NodeDriver, NodeDriverOptions } from '../module.ts';
import { readNfsSettings } from './settings.ts';

/** Serves `nfs.csi.k8s.io` of one node on its socket. */
export async function startNfs({ socketPath, poolDir, settings = {}, ...options }: NodeDriverOptions): Promise<NodeDriver> {
  let current = readNfsSettings(settings);
  const driver = createNfsDriver({ ...options, workDir: poolDir, settings: () => current });
  const { identity, controller, node } = driver;
  const server = await serveCsi({ socketPath, identity, controller, node, log: options.log });
  const client = connectCsi({ socketPath });
  return {
    client,
    problem: () => undefined,
    onChange: () => {},
    configure: async (changed) => {
      current = readNfsSettings(changed);
    },
    async stop(isReleasing) {
      client.close();
      await server.close();
      if (isReleasing) await driver.release();
    },
  };
}
