import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

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

/** The project's files in a folder of their own, as somebody has them who adds to them; its packages are shared. */
export class TreeCopy {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'stowage-new-'));

  constructor() {
    for (const name of COPIED) cpSync(path.join(ROOT, name), path.join(this.dir, name), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(this.dir, 'node_modules'));
    this.run('git', 'init', '-q');
    this.run('git', 'add', ...COPIED);
  }

  /** What a program prints that runs there. @throws where it fails */
  run(program: string, ...args: readonly string[]): string {
    return execFileSync(program, args, { cwd: this.dir, encoding: 'utf8' });
  }

  /** Runs a program of the packages there. */
  runPackage(name: string, ...args: readonly string[]): string {
    return this.run(path.join(ROOT, 'node_modules', '.bin', name), ...args);
  }

  /** Files that were added or changed. */
  changed(): readonly string[] {
    const lines = this.run('git', 'status', '--porcelain', '--untracked-files=all').split('\n');
    return lines.flatMap((line) => /^(?:\?\?|.M) (.*)$/.exec(line)?.[1] ?? []).filter((file) => file !== 'node_modules');
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
