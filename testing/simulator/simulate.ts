import { campaignSeed } from '#testing/campaign.ts';
import { CASES } from './cases.ts';
import { Coverage } from './coverage.ts';
import { formatCase } from './format-case.ts';
import { minimise } from './minimise.ts';
import { run, type RunResult, stepsOf } from './run.ts';

/** What was asked for on the command line. */
export interface SimulateOptions {
  readonly seed?: string | undefined;
  readonly steps?: string | undefined;
  readonly seconds?: string | undefined;
  /** So many seeds, however long they take. */
  readonly seeds?: string | undefined;
  /** How often each kind of step happened, and had an effect. */
  readonly stats?: boolean | undefined;
  /** The cases that once broke, and nothing else. */
  readonly cases?: boolean | undefined;
}

const STEPS = 120;
const SECONDS = 60;
const TELL_MS = 10_000;
/** Lines of the trace that a failure shows. */
const SHOWN = 60;

/** Runs seed after seed until the time is over or something breaks, and says how it goes; answers the exit code. */
export async function simulate(options: SimulateOptions): Promise<number> {
  if (options.cases === true) return simulateCases();
  const [first, count] = [campaignSeed(options.seed), wholeNumber('steps', options.steps, STEPS)];
  const lastsSec = wholeNumber('seconds', options.seconds, SECONDS);
  const most = options.seeds === undefined ? Number.POSITIVE_INFINITY : wholeNumber('seeds', options.seeds, 1);
  console.log(`seeds from ${first}, ${count} steps each, for ${options.seeds === undefined ? `${lastsSec} s` : `${most} seeds`}`);
  const startMs = performance.now();
  const isOver = (runs: number): boolean =>
    options.seeds === undefined ? runs > 0 && performance.now() - startMs >= lastsSec * 1_000 : runs >= most;
  const coverage = new Coverage();
  let [faults, runs, toldMs] = [0, 0, startMs];
  for (let next = first; !isOver(runs); next += 1) {
    const result = await run(next, stepsOf(next, count));
    faults += result.faults;
    runs += 1;
    coverage.add(result.coverage);
    if (result.broken.length > 0) return tellBroken(result);
    if (runs === 1) console.log(`seed ${first}: ${result.digest}`);
    if (performance.now() - toldMs < TELL_MS) continue;
    toldMs = performance.now();
    console.log(tellWell({ runs, faults, ms: toldMs - startMs }));
  }
  console.log(tellWell({ runs, faults, ms: performance.now() - startMs }));
  return options.stats === true ? tellCoverage(coverage) : 0;
}

/** A kind of step that never meets anybody tests nothing: the steps of the seeds are to be changed then. */
function tellCoverage(coverage: Coverage): number {
  console.log(coverage.lines().join('\n'));
  const idle = coverage.idle();
  if (idle.length > 0) console.log(`without any effect: ${idle.join(', ')}`);
  return idle.length === 0 ? 0 : 1;
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
