import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { SystemClock } from '#kit/clock.ts';
import type { Client } from '#machinery/client/client.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { campaignLength, campaignSeed } from '#testing/campaign.ts';
import { seededRoll } from '#testing/fakes/weather.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { checkPlugins, checkRules } from './plugin-crash/plugin-agreement.ts';
import { PluginChurn } from './plugin-crash/plugin-churn.ts';

/** Of kills; `npm run soak -- plugins` has more. */
const LENGTH = campaignLength(
  { rounds: process.env['STOWAGE_PLUGIN_CRASH_ROUNDS'], seconds: process.env['STOWAGE_PLUGIN_CRASH_SECONDS'] },
  { unit: 'kills', roundMs: 20_000, ordinarySec: 20 },
);
/** Replays the same choices; what the clock decides differs. */
const SEED = campaignSeed(process.env['STOWAGE_PLUGIN_CRASH_SEED']);
/** A kill comes within this time of the start, and one in so many comes before it is ready. */
const WORK_MS = 900;
const KILLED_STARTS = 4;
const START_MS = 700;
const LOG_LINES = 40;

describeWith(['root', 'unzip'], `SIGKILL while plugins come, change and go (seed ${SEED})`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-plugin-crash-'));
  const roll = seededRoll(SEED);
  const churn = new PluginChurn(seededRoll(SEED + 1));
  let platform: PlatformProcess;
  beforeAll(async () => {
    mkdirSync(path.join(folder, 'bin'));
    // why: the driver nfs asks for them before it comes, and mounts nothing here
    for (const program of ['mount.nfs', 'modprobe'])
      writeFileSync(path.join(folder, 'bin', program), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    const flags = ['--no-demo', '--pool-size', '1Gi', '--pod-cidr', 'none'];
    platform = await PlatformProcess.start({ flags, programs: path.join(folder, 'bin') });
    await churn.prepare(await client());
  });
  afterAll(async () => {
    await platform.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const client = async (): Promise<Client> =>
    createHttpClient({ config: await loadKubeconfig(platform.kubeconfig), clock: new SystemClock() });
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  let kills = 0;
  const kill = async (): Promise<void> => {
    kills += 1;
    await platform.end('SIGKILL');
  };

  async function restart(): Promise<void> {
    while (roll(KILLED_STARTS) === 0) {
      const starting = platform.start().catch(() => {});
      await pause(roll(START_MS));
      await kill();
      await starting;
    }
    await platform.start();
  }

  it(`PLUG-1, PLUG-2, PLUG-4: over ${LENGTH.words} each is there whole or not at all`, { timeout: LENGTH.timeoutMs }, async () => {
    const isOver = LENGTH.begin();
    try {
      while (!isOver(kills)) {
        const working = churn.work(await client());
        // why: it is awaited after the kill, and what went wrong is told there
        working.catch(() => {});
        await pause(roll(WORK_MS));
        await kill();
        await working;
        await restart();
        const api = await client();
        await checkRules(api, churn);
        await checkPlugins(api, churn);
      }
    } catch (thrown) {
      const log = readFileSync(path.join(platform.dataDir, 'logs', 'stowage.log'), 'utf8').split('\n');
      const loud = log.filter((line) => !line.startsWith('{"level":30,')).slice(-LOG_LINES);
      console.log(
        `plugin-crash: failed after ${kills} kills\n${loud.join('\n')}\n${await platform.kubectl.run(['get', 'moduleinfoes', '-o', 'yaml']).catch(String)}`,
      );
      throw thrown;
    }
    console.log(`plugin-crash: ${JSON.stringify({ seed: SEED, kills, done: Object.fromEntries(churn.done), version: churn.newest })}`);
  });
});
