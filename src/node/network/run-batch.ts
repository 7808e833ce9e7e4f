import type { Exec } from '#kit/exec.ts';

/** Runs lines of ip(8) in one process. @throws CommandFailed */
export async function runBatch(exec: Exec, lines: readonly string[], flags: readonly string[] = []): Promise<void> {
  await exec.run(['ip', ...flags, '-batch', '-'], { stdin: `${lines.join('\n')}\n` });
}
