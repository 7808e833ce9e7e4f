import { afterAll, expect, it } from 'vitest';
import { describeWith } from '#testing/requirements.ts';
import { Lane, type LaneOptions } from './crash/lane.ts';

/** Kills in an ordinary run, over both platforms; `npm run soak -- volumes` has more. */
const ROUNDS = Number(process.env['STOWAGE_CRASH_ROUNDS'] ?? 200);
/** Replays the same choices; what the clock decides differs. */
const SEED = Number(process.env['STOWAGE_CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Kills between two counts. */
const COUNT_EVERY = 75;

describeWith(
  ['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'],
  `SIGKILL under claims, copies, pods, growth and deletions (seed ${SEED})`,
  () => {
    const lanes: Lane[] = [];
    afterAll(async () => {
      for (const lane of lanes) await lane.remove();
    });

    it(
      `API-4, VOL-6, VOL-7, VOL-9, VOL-12, CLASS-5: over ${ROUNDS} kills nothing is lost, doubled or leaked`,
      { timeout: Math.max(1_200_000, ROUNDS * 20_000) },
      async () => {
        const shared = { countEvery: COUNT_EVERY };
        // why: a platform with two nodes takes longer to start
        const kills = Math.ceil(ROUNDS / 4);
        const options: readonly LaneOptions[] = [
          { ...shared, kills: ROUNDS - kills, seed: SEED, nodes: 1, killings: ['platform', 'group', 'shims', 'stopping'] },
          { ...shared, kills, seed: SEED + 1000, nodes: 2, killings: ['platform', 'group', 'node', 'node', 'shims', 'stopping'] },
        ];
        await Promise.all(
          options.map(async (each) => {
            const lane = await Lane.start(each);
            lanes.push(lane);
            await lane.run().catch(async (error: unknown) => {
              console.log(`crash: the lane with seed ${each.seed} failed\n${await lane.describe()}`);
              throw error;
            });
            console.log(`crash: ${JSON.stringify(lane.report())}`);
            // why now: the other lane still works
            await lane.remove();
          }),
        );
        expect(lanes).toHaveLength(2);
      },
    );
  },
);
