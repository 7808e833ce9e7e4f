import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger } from '#kit/log.ts';
import { connectCsi } from '#protocols/csi/client.ts';
import { serveCsi } from '#protocols/csi/server.ts';
import { startDriver, missingForMounts } from '#testing/local-driver.ts';
import { realFiles } from './contract-files.ts';
import { type ContractSubject, describeCsiContract } from './contract.ts';

const skip = await missingForMounts();

async function start(): Promise<ContractSubject> {
  const fixture = await startDriver();
  const socketPath = join(fixture.dir, 'csi.sock');
  const { identity, controller, groupController, snapshotMetadata, node } = fixture.driver;
  const server = await serveCsi({ socketPath, identity, controller, groupController, snapshotMetadata, node, log: silentLogger });
  const client = connectCsi({ socketPath });
  const dir = join(fixture.dir, 'kubelet');
  await mkdir(dir);
  return {
    client,
    dir,
    files: realFiles,
    async stop() {
      client.close();
      await server.close();
      await fixture.dispose();
    },
  };
}

describeCsiContract({ name: 'local.stowage.dev, file volumes', skip, parameters: { type: 'file' }, start });
describeCsiContract({ name: 'local.stowage.dev, directory volumes', skip, parameters: { type: 'directory' }, start });
