import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalDriver } from '#drivers/local/driver.ts';
import { type DriverFixture, startDriver, missingForMounts, needsMark } from '#testing/local-driver.ts';

const skip = await missingForMounts();
const NOTHING = { volumes: [], snapshots: [], unfinished: [], loops: [], mounts: [] };
/** Milliseconds after the first acknowledged volume; spread over a life, which takes about 200 ms. */
const KILL_AFTER_MS = [0, 7, 15, 24, 34, 45, 57, 70, 84, 99, 115, 132, 150, 170, 190];

/** Runs a driver in a process of its own and kills it; returns the volumes and snapshots that were acknowledged and not yet being deleted. */
async function killedLife(
  dir: string,
  { round, afterMs }: { readonly round: number; readonly afterMs: number },
): Promise<{ readonly volumes: readonly string[]; readonly snapshots: readonly string[] }> {
  const child = spawn(process.execPath, [resolve('testing/conformance/csi/driver-life.ts'), dir, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const hasEnded = once(child, 'close').then(([code]) =>
    Promise.reject(new Error(`the driver ended by itself with ${code} before it made a volume`)),
  );
  await Promise.race([once(child.stdout, 'data'), hasEnded]);
  hasEnded.catch(() => {});
  setTimeout(() => child.kill('SIGKILL'), afterMs);
  await once(child, 'close');
  const lines = output.split('\n').map((line) => line.split(' '));
  const said = (wanted: string): readonly string[] => lines.flatMap(([verb, id]) => (verb === wanted && id !== undefined ? [id] : []));
  const [leaving, forgotten] = [new Set(said('deleting')), new Set(said('forgetting'))];
  return { volumes: said('created').filter((id) => !leaving.has(id)), snapshots: said('cut').filter((id) => !forgotten.has(id)) };
}

async function takeDown(driver: LocalDriver, dir: string): Promise<void> {
  for (const snapshotId of (await driver.inventory()).snapshots) await driver.controller.deleteSnapshot({ snapshotId }, {});
  for (const volumeId of (await driver.inventory()).volumes) {
    await driver.node.nodeUnpublishVolume({ volumeId, targetPath: join(dir, 'target', volumeId) }, {});
    await driver.node.nodeUnstageVolume({ volumeId, stagingTargetPath: join(dir, 'staging', volumeId) }, {});
    await driver.controller.deleteVolume({ volumeId }, {});
  }
}

describe.skipIf(skip !== undefined)(`local driver under SIGKILL${needsMark(skip)}`, () => {
  let fixture: DriverFixture;

  beforeAll(async () => {
    fixture = await startDriver();
  });

  afterAll(async () => {
    await fixture?.dispose();
  });

  it.each(KILL_AFTER_MS.map((afterMs, round) => ({ afterMs, round })))(
    'loses nothing and leaks nothing when killed after $afterMs ms',
    async ({ afterMs, round }) => {
      const acknowledged = await killedLife(fixture.dir, { round, afterMs });
      const driver = fixture.restart();
      const report = await driver.recover();
      expect(report.damaged).toEqual([]);
      const { volumes, snapshots, unfinished } = await driver.inventory();
      expect(volumes).toEqual(expect.arrayContaining([...acknowledged.volumes]));
      expect(snapshots).toEqual(expect.arrayContaining([...acknowledged.snapshots]));
      expect(unfinished).toEqual([]);
      await takeDown(driver, fixture.dir);
      expect(await driver.inventory()).toEqual(NOTHING);
    },
  );
});
