import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { Campaign } from './api-crash/campaign.ts';

/** Rounds in an ordinary run; `npm run soak -- api --rounds N` sets more. */
const ROUNDS = Number(process.env['STOWAGE_API_CRASH_ROUNDS'] ?? 100);
/** Replays the same choices; what the clock decides differs. */
const SEED = Number(process.env['STOWAGE_API_CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Far more than a round takes. */
const ROUND_MS = 20_000;

describe(`SIGKILL of the API under 8 writers and 20 watchers (seed ${SEED})`, () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  });
  afterAll(async () => platform.remove());

  it(
    `API-4: over ${ROUNDS} kills no acknowledged write is lost or doubled, and every watcher sees each change once and in order`,
    { timeout: 120_000 + ROUNDS * ROUND_MS },
    async () => {
      const campaign = await Campaign.start(platform, SEED);
      for (let round = 0; round < ROUNDS; round += 1) await campaign.round();
      campaign.close();
      const report = campaign.report();
      console.log(`api-crash seed ${SEED}, ${ROUNDS} rounds: ${JSON.stringify(report)}`);
      expect(report.acknowledged).toBeGreaterThan(ROUNDS);
    },
  );
});
