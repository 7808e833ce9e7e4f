import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly TestCase[];
}

/** Prints each skip with its reason, the slowest files, and the closing line `N passed, N failed, N skipped`; in CI a skip for a missing requirement fails the run. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const { passed, failed, skipped } = count(modules);
    const reasons = Map.groupBy(skipped, reasonOf);
    for (const [reason, { length }] of reasons) console.log(`skipped: ${reason} (${length} ${length === 1 ? 'test' : 'tests'})`);
    const isRefused = process.env['CI'] !== undefined && skipped.length > 0;
    if (isRefused) {
      console.log('in CI everything that these tests need must be there: a skip is a failure');
      process.exitCode = 1;
    }
    for (const line of slowest(modules)) console.log(line);
    const allFailed = failed + errors.length + (isRefused ? skipped.length : 0);
    console.log(`${passed} passed, ${allFailed} failed, ${skipped.length} skipped`);
  }
}

function count(modules: readonly TestModule[]): Counts {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string): readonly TestCase[] => tests.filter((test) => test.result().state === state);
  const passed = inState('passed').length;
  const failed = inState('failed').length;
  const broken = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0).length;
  return { passed, failed: failed + broken, skipped: tests.filter((test) => !['passed', 'failed'].includes(test.result().state)) };
}

/** How many files are named at the end. */
const NAMED = 10;

/** The files that took longest, and how long each part of the project took; nothing for a run of a few files. */
function slowest(modules: readonly TestModule[]): readonly string[] {
  if (modules.length <= NAMED) return [];
  const took = modules.map((module) => ({ file: module.relativeModuleId, ms: module.diagnostic().duration }));
  const longest = took.toSorted((a, b) => b.ms - a.ms).slice(0, NAMED);
  const byPart = Map.groupBy(took, ({ file }) => partOf(file));
  const parts = [...byPart]
    .map(([part, files]) => ({ part, ms: files.reduce((sum, { ms }) => sum + ms, 0) }))
    .toSorted((a, b) => b.ms - a.ms);
  return [
    'the slowest files:',
    ...longest.map(({ file, ms }) => `${seconds(ms)}  ${file}`),
    'seconds of tests, by part (several go on at a time):',
    ...parts.map(({ part, ms }) => `${seconds(ms)}  ${part}`),
  ];
}

/** `src/controllers/csi` of a unit test, `testing/scenarios` of a scenario. */
function partOf(file: string): string {
  const folders = file.split('/').slice(0, -1);
  return folders.slice(0, folders[0] === 'src' ? 3 : 2).join('/');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1).padStart(8)} s`;
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note !== undefined) return `${test.fullName}: ${result.note}`;
  const name = test.fullName;
  const reason = /\[(needs [^\]]+)\]/.exec(name)?.[1];
  return reason === undefined ? name : `${name.slice(0, name.indexOf(' ['))}: ${reason}`;
}
