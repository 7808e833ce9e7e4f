import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TreeCopy } from '#testing/tree-copy.ts';

describe('a system that is added', () => {
  let copy: TreeCopy;
  beforeEach(() => {
    copy = new TreeCopy();
  });
  afterEach(() => copy.remove());

  // that it is served, acts and answers in a platform: testing/scenarios/new-module.test.ts
  it('is its line in the list and one folder in each layer; it compiles, and is in all that lists systems', { timeout: 300_000 }, () => {
    copy.run(process.execPath, 'tools/new.ts', 'module', 'tape-robots');
    const places = new Set(copy.changed().map((file) => file.replace(/\/tape-robots\/[^/]*$/, '/tape-robots/')));
    expect([...places].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'src/api/tape-robots/',
      'src/apps/cli/tape-robots/',
      'src/apps/server/modules/modules.ts',
      'src/apps/server/modules/tape-robots/',
      'src/controllers/stowage/tape-robots/',
      'src/drivers/tape-robots/',
    ]);
    const list = readFileSync(path.join(copy.dir, 'src/apps/server/modules/modules.ts'), 'utf8');
    expect(list).toContain('  tapeRobots,\n]);');
    copy.runPackage('tsc', '--noEmit');
    copy.run(process.execPath, 'tools/generate-reasons.ts');
    const suites = ['src/apps/server/modules', 'src/apps/server/config.test.ts', 'src/apps/cli/verbs.test.ts', 'testing/unit'];
    copy.runPackage('vitest', 'run', '--project', 'unit', ...suites);
    const stowage = (...words: readonly string[]): string => copy.run(process.execPath, 'src/apps/cli/main.ts', ...words);
    expect(stowage('up', '--help')).toContain('--tape-robots-concurrency N');
    expect(stowage('--help')).toMatch(/^ {2}tape-robots +say in one line what it shows$/m);
    expect(stowage('tape-robots', '--help')).toContain('stowage tape-robots -n shop');
    expect(stowage('explain', '--help')).toContain(' | taperobot/NAME');
    expect(stowage('reason', 'TapeRobotFailed')).toContain('A TapeRobot can not be what it asks for');
  });
});
