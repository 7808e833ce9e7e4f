import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextIfAny, writeTextAtomic } from '#linux/small-files.ts';

/** "Everything before `offset` was written by `timeMs`." */
export interface LogMark {
  readonly offset: number;
  readonly timeMs: number;
}

const INDEX_FILE = 'log.index';

/** The marks of a run's log, in ascending order; a torn last line is left out. */
export async function readLogIndex(runDir: string): Promise<LogMark[]> {
  const text = (await readTextIfAny(join(runDir, INDEX_FILE))) ?? '';
  const marks: LogMark[] = [];
  // why: the part after the last line feed is either empty or torn
  for (const line of text.split('\n').slice(0, -1)) {
    const [offset, timeMs] = line.split(' ').map(Number);
    if (offset === undefined || timeMs === undefined || !Number.isSafeInteger(offset) || !Number.isSafeInteger(timeMs)) continue;
    if (offset > (marks.at(-1)?.offset ?? -1)) marks.push({ offset, timeMs });
  }
  return marks;
}

/** Adds a mark. */
export function appendLogMark(runDir: string, mark: LogMark): Promise<void> {
  return appendFile(join(runDir, INDEX_FILE), `${mark.offset} ${Math.round(mark.timeMs)}\n`, { mode: 0o600 });
}

/** Forgets marks of bytes that are gone. */
export async function trimLogIndex(runDir: string, baseOffset: number): Promise<void> {
  const kept = (await readLogIndex(runDir)).filter((mark) => mark.offset > baseOffset);
  await writeTextAtomic(join(runDir, INDEX_FILE), kept.map((mark) => `${mark.offset} ${mark.timeMs}\n`).join(''));
}

/** When the byte at `offset` was written: the time of the first mark beyond it; undefined where no mark is. Pure. */
export function timeOfOffset(marks: readonly LogMark[], offset: number): number | undefined {
  return marks[firstIndex(marks, (mark) => mark.offset > offset)]?.timeMs;
}

/** Where output written at or after `sinceMs` starts; undefined where there is none. Pure. */
export function offsetSince(marks: readonly LogMark[], sinceMs: number): number | undefined {
  const index = firstIndex(marks, (mark) => mark.timeMs >= sinceMs);
  if (index >= marks.length) return undefined;
  return index === 0 ? 0 : (marks[index - 1]?.offset ?? 0);
}

function firstIndex(marks: readonly LogMark[], matches: (mark: LogMark) => boolean): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const mark = marks[middle];
    if (mark !== undefined && matches(mark)) high = middle;
    else low = middle + 1;
  }
  return low;
}
