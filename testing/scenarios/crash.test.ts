import { afterAll, expect, it } from 'vitest';
import { campaignLength, campaignSeed } from '#testing/campaign.ts';
import { describeWith } from '#testing/requirements.ts';
import { Lane, type LaneOptions } from './crash/lane.ts';

/** Of kills over both platforms; `npm run soak -- volumes` has more. */
const LENGTH = campaignLength(
  { rounds: process.env['STOWAGE_CRASH_ROUNDS'], seconds: process.env['STOWAGE_CRASH_SECONDS'] },
  { unit: 'kills', roundMs: 20_000 },
);
/** Replays the same choices; what the clock decides differs. */
const SEED = campaignSeed(process.env['STOWAGE_CRASH_SEED']);
/** Of all kills the part that the platform with two nodes gets: it takes longer to start. */
const PART_OF_TWO = 1 / 4;
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
      `API-4, VOL-6, VOL-7, VOL-9, VOL-12, CLASS-5: over ${LENGTH.words} nothing is lost, doubled or leaked`,
      { timeout: LENGTH.timeoutMs },
      async () => {
        const shared = { countEvery: COUNT_EVERY };
        const isOver = LENGTH.begin();
        const after =
          (part: number) =>
          (kills: number): boolean =>
            isOver(kills / part);
        const options: readonly LaneOptions[] = [
          { ...shared, until: after(1 - PART_OF_TWO), seed: SEED, nodes: 1, killings: ['platform', 'group', 'shims', 'stopping'] },
          {
            ...shared,
            until: after(PART_OF_TWO),
            seed: SEED + 1000,
            nodes: 2,
            killings: ['platform', 'group', 'node', 'node', 'shims', 'stopping'],
          },
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
