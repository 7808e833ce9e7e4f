import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { Churn } from './churn.ts';

/** Rounds in an ordinary run; `npm run soak` sets more. */
const ROUNDS = Number(process.env['STOWAGE_CRASH_ROUNDS'] ?? 50);
/** Replays the same choices. */
const SEED = Number(process.env['STOWAGE_CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], `SIGKILL under creation and deletion (seed ${SEED})`, () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  });
  afterAll(async () => platform.remove());

  it(
    `API-4, VOL-6: after each of ${ROUNDS} kills nothing is lost, doubled or leaked`,
    { timeout: Math.max(1_200_000, ROUNDS * 20_000) },
    async () => {
      const churn = await Churn.start(platform, SEED);
      for (let round = 0; round < ROUNDS; round += 1) {
        const working = churn.work();
        await churn.pause();
        await platform.end('SIGKILL');
        await working;
        await platform.start();
        await churn.checkNothingLost(round);
      }
      await churn.settle();
      await eventually(async () => {
        const wanted = await churn.wanted();
        const found = await inspectMachine(platform.dataDir, platform.pid);
        expect([...found.volumes].sort()).toEqual(wanted.volumes);
        expect([...found.pods].sort()).toEqual(wanted.podUids);
        expect([...found.networks].sort()).toEqual(wanted.podUids);
        expect([...found.cgroups].sort()).toEqual(wanted.podUids);
        expect(found.loopFiles.filter((file) => file.includes('pvc-'))).toHaveLength(wanted.stagedVolumes.length);
      });
      await churn.deleteEverything();
      await eventually(async () => {
        const found = await inspectMachine(platform.dataDir, platform.pid);
        expect(found.volumes).toEqual([]);
        expect(found.pods).toEqual([]);
        expect(found.networks).toEqual([]);
        expect(found.cgroups).toEqual([]);
        expect(found.processes).toEqual([]);
        expect(found.loopFiles.filter((file) => file.includes('pvc-'))).toEqual([]);
      });
    },
  );
});
