import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { campaignSeed } from '#testing/campaign.ts';
import { CASES } from './cases.ts';
import type { SimulateOptions } from './simulate.ts';

const SECONDS = process.env['STOWAGE_SIMULATION_SECONDS'] ?? '40';
const SEED = process.env['STOWAGE_SIMULATION_SEED'];

/** Runs the simulator as its command does: in a process of its own, where files answer at once. */
function simulate(options: SimulateOptions): Promise<{ readonly exitCode: number | null; readonly text: string }> {
  const flags = Object.entries(options).map(([flag, value]) => (value === true ? `--${flag}` : `--${flag}=${value}`));
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts'), ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((resolve) => void child.on('close', (exitCode) => resolve({ exitCode, text })));
}

describe('the whole system on a fake clock', () => {
  it('does the same again from the same seed', async () => {
    const [one, other] = [await simulate({ seed: '7', seconds: '1' }), await simulate({ seed: '7', seconds: '1' })];
    expect(one.text).toMatch(/^seed 7: [0-9a-f]{64}$/m);
    expect(/^seed 7: .*$/m.exec(one.text)?.[0]).toBe(/^seed 7: .*$/m.exec(other.text)?.[0]);
  });

  it('makes every kind of step meet somebody', async () => {
    expect((await simulate({ seed: '201', seeds: '60', stats: true })).exitCode).toBe(0);
  });

  it(`holds in every case that once broke (${CASES.length})`, async () => {
    expect((await simulate({ cases: true })).exitCode).toBe(0);
  });

  it(`holds for ${SECONDS} s of faults from seed ${campaignSeed(SEED)} on`, { timeout: Number(SECONDS) * 1_000 + 600_000 }, async () => {
    const seed = SEED === undefined ? {} : { seed: SEED };
    expect((await simulate({ ...seed, seconds: SECONDS })).exitCode).toBe(0);
  });
});
