import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seededRoll } from '#testing/fakes/weather.ts';
import { prepare } from './actors.ts';
import { heal, unrest } from './calm.ts';
import type { Coverage } from './coverage.ts';
import { Invariants } from './invariants.ts';
import { perform } from './perform.ts';
import { randomSteps } from './random-steps.ts';
import { FAULTS, type Step } from './step.ts';
import { World } from './world.ts';

/** What a run did. */
export interface RunResult {
  readonly seed: number;
  readonly steps: readonly Step[];
  /** What did not hold, in words; nothing where all is well. */
  readonly broken: readonly string[];
  /** After so many steps; all of them where it broke in the calm after them. */
  readonly brokenAfter: number;
  readonly faults: number;
  /** Of everything that happened, in order. */
  readonly digest: string;
  readonly trace: readonly string[];
  readonly coverage: Coverage;
}

/** Time that everything may take to come to rest once nothing is in its way, and how often it is looked at. */
const CALM_MS = 40 * 60_000;
const LOOK_MS = 20_000;

/** The steps of a seed, all from it. */
export function stepsOf(seed: number, count: number): readonly Step[] {
  // why another sequence: the steps stay the same whatever the world draws in between
  return randomSteps(seededRoll(seed ^ 0x5eed), count);
}

/** Does the steps on a new world of the seed, looks after each whether all holds, and in the end whether everything comes to rest. */
export async function run(seed: number, steps: readonly Step[]): Promise<RunResult> {
  const world = new World({ seed, root: mkdtempSync(path.join(tmpdir(), 'stowage-simulation-')) });
  const invariants = new Invariants(world);
  const result = (broken: readonly string[], brokenAfter: number): RunResult => {
    const faults = steps.slice(0, brokenAfter).filter((step) => FAULTS.has(step.do)).length;
    return { seed, steps, broken, brokenAfter, faults, digest: world.trace.digest(), trace: world.trace.last(), coverage: world.coverage };
  };
  try {
    await world.start();
    await Promise.all([prepare(world), world.clock.step(1_000)]);
    for (const [index, step] of steps.entries()) {
      await perform(world, step);
      const broken = invariants.check();
      if (broken.length > 0) return result(broken, index + 1);
    }
    return result(await calm(world, invariants), steps.length);
  } finally {
    world.close();
  }
}

async function calm(world: World, invariants: Invariants): Promise<readonly string[]> {
  await heal(world);
  let left: readonly string[] = [];
  for (let ms = 0; ms < CALM_MS; ms += LOOK_MS) {
    await world.clock.step(LOOK_MS);
    const broken = invariants.check();
    if (broken.length > 0) return broken;
    left = unrest(world);
    if (left.length === 0) return [];
  }
  return left;
}
