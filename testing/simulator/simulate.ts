import { campaignSeed } from '#testing/campaign.ts';
import { CASES } from './cases.ts';
import { formatCase } from './format-case.ts';
import { minimise } from './minimise.ts';
import { run, type RunResult, stepsOf } from './run.ts';

/** What was asked for on the command line. */
export interface SimulateOptions {
  readonly seed?: string | undefined;
  readonly steps?: string | undefined;
  readonly seconds?: string | undefined;
  /** The cases that once broke, and nothing else. */
  readonly cases?: boolean | undefined;
}

const STEPS = 120;
const SECONDS = 60;
const TELL_MS = 10_000;
/** Lines of the trace that a failure shows. */
const SHOWN = 60;

/** Runs seed after seed until the time is over or something breaks, and says how it goes; answers the exit code. */
export async function simulate({ seed, steps, seconds, cases = false }: SimulateOptions): Promise<number> {
  if (cases) return simulateCases();
  const [first, count, lastsSec] = [campaignSeed(seed), wholeNumber('steps', steps, STEPS), wholeNumber('seconds', seconds, SECONDS)];
  console.log(`seeds from ${first}, ${count} steps each, for ${lastsSec} s`);
  const startMs = performance.now();
  let [faults, runs, toldMs] = [0, 0, startMs];
  for (let next = first; runs === 0 || performance.now() - startMs < lastsSec * 1_000; next += 1) {
    const result = await run(next, stepsOf(next, count));
    faults += result.faults;
    runs += 1;
    if (result.broken.length > 0) return tellBroken(result);
    if (runs === 1) console.log(`seed ${first}: ${result.digest}`);
    if (performance.now() - toldMs < TELL_MS) continue;
    toldMs = performance.now();
    console.log(tellWell({ runs, faults, ms: toldMs - startMs }));
  }
  console.log(tellWell({ runs, faults, ms: performance.now() - startMs }));
  return 0;
}

async function simulateCases(): Promise<number> {
  for (const { name, seed, steps } of CASES) {
    const result = await run(seed, steps);
    console.log(`${name}: ${result.broken.length === 0 ? 'holds' : result.broken.join('; ')}`);
    if (result.broken.length > 0) return 1;
  }
  return 0;
}

function tellWell({ runs, faults, ms }: { readonly runs: number; readonly faults: number; readonly ms: number }): string {
  return `${runs} seeds, ${faults} faults in ${Math.round(ms / 1_000)} s (${Math.round((faults * 60_000) / ms)} a minute), all holds`;
}

async function tellBroken(result: RunResult): Promise<number> {
  const { seed, broken, brokenAfter, trace } = result;
  console.log(
    `seed ${seed} breaks after ${brokenAfter} steps:\n  ${broken.join('\n  ')}\nthe last of what happened:\n  ${trace.slice(-SHOWN).join('\n  ')}`,
  );
  console.log('leaving out steps while it breaks …');
  const least = await minimise(result, (left) => console.log(`${left} steps`));
  console.log(
    `${least.steps.length} steps are enough:\n  ${least.broken.join('\n  ')}\na case for testing/simulator/cases.ts:\n\n${formatCase(least)}`,
  );
  return 1;
}

/** @throws TypeError */
function wholeNumber(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new TypeError(`--${flag} ${JSON.stringify(text)}: must be a whole number of at least 1`);
  return Number(text);
}
