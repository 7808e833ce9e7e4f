import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..');
const COPIED = [
  'src',
  'testing',
  'bench',
  'tools',
  'docs',
  'README.md',
  'ARCHITECTURE.md',
  'LICENSE',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];

describe('a system that is added', () => {
  let copy: string;
  const run = (program: string, ...args: readonly string[]): string => execFileSync(program, args, { cwd: copy, encoding: 'utf8' });
  const state = (): string => run('git', 'status', '--porcelain', '--untracked-files=all');

  beforeEach(() => {
    copy = mkdtempSync(path.join(tmpdir(), 'stowage-new-'));
    for (const name of COPIED) cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
    run('git', 'init', '-q');
    run('git', 'add', ...COPIED);
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  it('is one manifest, its line in the list, and one folder in each layer; it compiles and is in the list', { timeout: 300_000 }, () => {
    run(process.execPath, 'tools/new.ts', 'module', 'tape-robots');
    const changed = state()
      .split('\n')
      .flatMap((line) => /^(?:\?\?|.M) (.*)$/.exec(line)?.[1] ?? [])
      .filter((file) => file !== 'node_modules');
    const places = new Set(changed.map((file) => file.replace(/\/tape-robots\/[^/]*$/, '/tape-robots/')));
    expect([...places].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'src/api/tape-robots/',
      'src/apps/cli/tape-robots/',
      'src/apps/server/modules/modules.ts',
      'src/apps/server/modules/tape-robots/',
      'src/controllers/stowage/tape-robots/',
      'src/drivers/tape-robots/',
    ]);
    expect(readFileSync(path.join(copy, 'src/apps/server/modules/modules.ts'), 'utf8')).toContain('  tapeRobots,\n]);');
    run(path.join(ROOT, 'node_modules', '.bin', 'tsc'), '--noEmit');
    run(process.execPath, 'tools/generate-reasons.ts');
    const suites = ['src/apps/server/modules', 'src/apps/server/config.test.ts', 'src/apps/cli/verbs.test.ts', 'testing/unit'];
    run(path.join(ROOT, 'node_modules', '.bin', 'vitest'), 'run', '--project', 'unit', ...suites);
    const stowage = (...words: readonly string[]): string => run(process.execPath, 'src/apps/cli/main.ts', ...words);
    expect(stowage('up', '--help')).toContain('--tape-robots-concurrency N');
    expect(stowage('--help')).toMatch(/^ {2}tape-robots +say in one line what it shows$/m);
    expect(stowage('tape-robots', '--help')).toContain('stowage tape-robots -n shop');
    expect(stowage('explain', '--help')).toContain(' | taperobot/NAME');
    expect(stowage('reason', 'TapeRobotFailed')).toContain('A TapeRobot can not be what it asks for');
  });
});
