import { run, type RunResult } from './run.ts';
import type { Step } from './step.ts';

/** Runs that a search may take. */
const MOST_RUNS = 300;

/**
 * The same failure with as few steps as can be found: leaves out ever smaller parts of them while it breaks still (Zeller and Hildebrandt, "Simplifying and
 * Isolating Failure-Inducing Input"). `tell` hears how many steps are left.
 */
export async function minimise(failure: RunResult, tell: (left: number) => void): Promise<RunResult> {
  let least: RunResult = { ...failure, steps: failure.steps.slice(0, failure.brokenAfter) };
  let [size, runs] = [Math.ceil(least.steps.length / 2), 0];
  while (size >= 1 && runs < MOST_RUNS) {
    let isSmaller = false;
    for (let at = 0; at < least.steps.length && runs < MOST_RUNS;) {
      runs += 1;
      const result = await run(least.seed, without(least.steps, at, size));
      if (!isAlike(result, failure)) {
        at += size;
        continue;
      }
      isSmaller = true;
      least = { ...result, steps: result.steps.slice(0, result.brokenAfter) };
      tell(least.steps.length);
    }
    if (!isSmaller || size > 1) size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return least;
}

function without(steps: readonly Step[], at: number, size: number): readonly Step[] {
  return [...steps.slice(0, at), ...steps.slice(at + size)];
}

/** Broken in the same way, whatever the names are. */
function isAlike({ broken }: RunResult, failure: RunResult): boolean {
  const kinds = new Set(failure.broken.map(kindOf));
  return broken.some((text) => kinds.has(kindOf(text)));
}

function kindOf(text: string): string {
  return text.replaceAll(/pvc-[0-9a-f-]+|csi-[0-9a-f]+|(node|driver)-\w+|\d+|\b[a-k]\b|\b[p-s]\b|\b[w-y]\b/g, '*');
}
