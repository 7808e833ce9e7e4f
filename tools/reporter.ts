import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

/** Prints each skip with its reason, and the closing line `N passed, N failed, N skipped`; in CI a skip for a missing requirement fails the run. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const reasons = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else {
          counts.skipped += 1;
          const reason = reasonOf(test);
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        }
      }
      if (module.state() === 'failed' && module.errors().length > 0) counts.failed += 1;
    }
    counts.failed += errors.length;
    for (const [reason, count] of reasons) console.log(`skipped: ${reason} (${count} ${count === 1 ? 'test' : 'tests'})`);
    if (process.env['CI'] !== undefined && counts.skipped > 0) {
      console.log('in CI everything that these tests need must be there: a skip is a failure');
      counts.failed += counts.skipped;
      process.exitCode = 1;
    }
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note !== undefined) return `${test.fullName}: ${result.note}`;
  const name = test.fullName;
  const reason = /\[(needs [^\]]+)\]/.exec(name)?.[1];
  return reason === undefined ? name : `${name.slice(0, name.indexOf(' ['))}: ${reason}`;
}
