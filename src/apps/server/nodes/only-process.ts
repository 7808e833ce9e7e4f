import { readFile, rm, writeFile } from 'node:fs/promises';
import { type Clock, sleep } from '#kit/clock.ts';
import { hasArgument, signalProcess } from '#node/machine/processes.ts';

/** What {@link becomeOnlyProcess} needs. */
export interface OnlyProcessOptions {
  /** Holds the number of the process that is the one. */
  readonly file: string;
  /** Arguments that every such process has and no other, so that a number that was given to another since is not taken for it. */
  readonly markers: readonly string[];
  readonly clock: Clock;
}

const LOOK_MS = 20;
const UNBOUND = new AbortController().signal;

/**
 * Makes this process the only one of its kind: an earlier one, stopped or slow to end, is killed, which its work is made for.
 * Answers how to leave.
 */
export async function becomeOnlyProcess({ file, markers, clock }: OnlyProcessOptions): Promise<() => Promise<void>> {
  const earlier = Number(await readFile(file, 'utf8').catch(() => ''));
  while (earlier > 0 && earlier !== process.pid && (await hasAll(earlier, markers))) {
    signalProcess(earlier, 'SIGKILL');
    await sleep(clock, LOOK_MS, UNBOUND);
  }
  await writeFile(file, String(process.pid), { mode: 0o600 });
  return () => rm(file, { force: true });
}

async function hasAll(pid: number, markers: readonly string[]): Promise<boolean> {
  const has = await Promise.all(markers.map((marker) => hasArgument(pid, marker)));
  return has.every(Boolean);
}
