import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { campaignLength, campaignSeed } from '#testing/campaign.ts';
import { Campaign } from './api-crash/campaign.ts';

/** `npm run soak -- api` has more. */
const LENGTH = campaignLength(
  { rounds: process.env['STOWAGE_API_CRASH_ROUNDS'], seconds: process.env['STOWAGE_API_CRASH_SECONDS'] },
  { unit: 'kills', roundMs: 20_000 },
);
/** Replays the same choices; what the clock decides differs. */
const SEED = campaignSeed(process.env['STOWAGE_API_CRASH_SEED']);

describe(`SIGKILL of the API under 8 writers and 20 watchers (seed ${SEED})`, () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  });
  afterAll(async () => platform.remove());

  it(
    `API-4: over ${LENGTH.words} no acknowledged write is lost or doubled, and every watcher sees each change once and in order`,
    { timeout: LENGTH.timeoutMs },
    async () => {
      const campaign = await Campaign.start(platform, SEED);
      const isOver = LENGTH.begin();
      let rounds = 0;
      for (; !isOver(rounds); rounds += 1) await campaign.round();
      campaign.close();
      const report = campaign.report();
      console.log(`api-crash seed ${SEED}, ${rounds} rounds: ${JSON.stringify(report)}`);
      expect(report.acknowledged).toBeGreaterThan(rounds);
    },
  );
});
