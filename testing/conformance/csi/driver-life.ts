import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createLocalDriver } from '#drivers/local/driver.ts';
import { observeMachine } from '#drivers/local/machine.ts';
import { ensurePool } from '#drivers/local/pool.ts';
import { SystemClock } from '#kit/clock.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';

/** A process that lives through the lives of volumes until it is killed, and prints what was acknowledged: volumes (`created ID`, `deleting ID`)
 * and snapshots (`cut ID`, `forgetting ID`). */
const [dir = '', round = ''] = process.argv.slice(2);
const machine = await observeMachine();
const exec = new SystemExec();
const pool = await ensurePool({ dir: join(dir, 'pool'), machine, exec, log: silentLogger });
const driver = createLocalDriver({
  pool,
  nodeName: 'node-1',
  version: '0',
  machine,
  exec,
  log: silentLogger,
  clock: new SystemClock(),
  ids: new SystemIds(),
});
// why: timers of the clock never keep a process alive, so a recovery that waits for a mount of somebody else would end in the middle of it
setInterval(() => {}, 2 ** 30);
await driver.recover();
const volumeCapability = { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } } as const;

async function live(name: string): Promise<void> {
  const { volume } = await driver.controller.createVolume(
    { name, volumeCapabilities: [volumeCapability], capacityRange: { requiredBytes: 32n << 20n } },
    {},
  );
  const volumeId = volume?.volumeId ?? '';
  process.stdout.write(`created ${volumeId}\n`);
  const stagingTargetPath = join(dir, 'staging', volumeId);
  const targetPath = join(dir, 'target', volumeId);
  await mkdir(stagingTargetPath, { recursive: true });
  await driver.node.nodeStageVolume({ volumeId, stagingTargetPath, volumeCapability }, {});
  await driver.node.nodePublishVolume({ volumeId, stagingTargetPath, targetPath, volumeCapability }, {});
  const { snapshot } = await driver.controller.createSnapshot({ name: `snapshot-${name}`, sourceVolumeId: volumeId }, {});
  process.stdout.write(`cut ${snapshot?.snapshotId}\n`);
  const { volume: clone } = await driver.controller.createVolume(
    { name: `clone-${name}`, volumeCapabilities: [volumeCapability], volumeContentSource: { volume: { volumeId } } },
    {},
  );
  await driver.controller.controllerExpandVolume({ volumeId, capacityRange: { requiredBytes: 64n << 20n } }, {});
  await driver.node.nodeUnpublishVolume({ volumeId, targetPath }, {});
  await driver.node.nodeUnstageVolume({ volumeId, stagingTargetPath }, {});
  await driver.node.nodeStageVolume({ volumeId, stagingTargetPath, volumeCapability }, {});
  await driver.node.nodeUnstageVolume({ volumeId, stagingTargetPath }, {});
  process.stdout.write(`deleting ${volumeId}\nforgetting ${snapshot?.snapshotId}\n`);
  await driver.controller.deleteSnapshot({ snapshotId: snapshot?.snapshotId }, {});
  await driver.controller.deleteVolume({ volumeId: clone?.volumeId }, {});
  await driver.controller.deleteVolume({ volumeId }, {});
}

for (let index = 0; ; index += 2) await Promise.all([live(`pvc-${round}-${index}`), live(`pvc-${round}-${index + 1}`)]);
