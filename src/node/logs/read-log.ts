import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodLogOptions } from '#api/pod-logs.ts';
import type { Clock } from '#kit/clock.ts';
import { RUN_FILES } from '../containers/run-state.ts';
import { isErrno } from '#linux/small-files.ts';
import { readLogBase } from './log-follower.ts';
import { type LogMark, offsetSince, readLogIndex, timeOfOffset } from './log-index.ts';

/** The log of one run. */
export interface LogToRead {
  readonly runDir: string;
  readonly clock: Clock;
  /** True when nothing will be appended any more. */
  readonly isOver: () => Promise<boolean>;
}

const CHUNK_BYTES = 64 * 1024;
const LINE_FEED = 10;
/** A follower looks this often whether the container has ended. */
const FOLLOW_CHECK_MS = 1_000;

/** Reads a run's log as the options ask; ends with the file, or, when following, with the container or the signal. */
export async function* readLog(source: LogToRead, options: PodLogOptions): AsyncGenerator<Uint8Array> {
  const file = await openLog(source.runDir);
  if (file === undefined) return;
  try {
    yield* readFrom(source, file, options);
  } finally {
    await file.close();
  }
}

async function* readFrom(source: LogToRead, file: FileHandle, options: PodLogOptions): AsyncGenerator<Uint8Array> {
  const lines = new LogLines(source, options);
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  let offset = await startOffset(source, { file, options });
  while (left > 0 && !options.signal.aborted) {
    // why: asked before reading, so that what a container wrote last is read before the end is believed
    const isOver = !options.follow || (await source.isOver());
    for (;;) {
      const buffer = Buffer.alloc(CHUNK_BYTES);
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, offset);
      if (bytesRead === 0 || left <= 0 || options.signal.aborted) break;
      const kept = await behindFreed(source, file, { buffer, offset });
      if (kept > offset) {
        offset = kept;
        continue;
      }
      const text = (await lines.format(buffer.subarray(0, bytesRead), offset)).subarray(0, left);
      offset += bytesRead;
      left -= text.length;
      if (text.length > 0) yield text;
    }
    if (isOver) break;
    await changeOf(source, options.signal);
  }
}

/** What the container said; of one that never started, what the runtime said instead. Undefined where neither is there. */
async function openLog(runDir: string): Promise<FileHandle | undefined> {
  for (const name of [RUN_FILES.log, RUN_FILES.startError]) {
    try {
      return await open(join(runDir, name));
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
  return undefined;
}

/** Puts times in front of lines, where asked. */
class LogLines {
  readonly #source: LogToRead;
  readonly #isTimed: boolean;
  #marks: LogMark[] = [];
  #isAtLineStart = true;

  constructor(source: LogToRead, options: PodLogOptions) {
    this.#source = source;
    this.#isTimed = options.timestamps;
  }

  async format(chunk: Buffer, offset: number): Promise<Buffer> {
    if (!this.#isTimed) return chunk;
    if ((this.#marks.at(-1)?.offset ?? 0) < offset + chunk.length) this.#marks = await readLogIndex(this.#source.runDir);
    const parts: Buffer[] = [];
    let start = 0;
    while (start < chunk.length) {
      if (this.#isAtLineStart) parts.push(Buffer.from(`${this.#timeAt(offset + start)} `));
      const end = chunk.indexOf(LINE_FEED, start);
      const stop = end < 0 ? chunk.length : end + 1;
      parts.push(chunk.subarray(start, stop));
      this.#isAtLineStart = end >= 0;
      start = stop;
    }
    return Buffer.concat(parts);
  }

  #timeAt(offset: number): string {
    return new Date(timeOfOffset(this.#marks, offset) ?? this.#source.clock.nowMs()).toISOString();
  }
}

async function startOffset(
  source: LogToRead,
  { file, options }: { readonly file: FileHandle; readonly options: PodLogOptions },
): Promise<number> {
  const { size } = await file.stat();
  let offset = await keptOffset(source, file);
  if (options.sinceMs !== undefined) offset = Math.max(offset, offsetSince(await readLogIndex(source.runDir), options.sinceMs) ?? size);
  if (options.tailLines === undefined) return offset;
  return tailOffset(file, { floor: offset, size, lines: options.tailLines });
}

/** Where to go on: a slow reader may be overtaken by the end of the part that was freed, which reads as zeros. */
async function behindFreed(
  source: LogToRead,
  file: FileHandle,
  read: { readonly buffer: Buffer; readonly offset: number },
): Promise<number> {
  return read.buffer[0] === 0 ? Math.max(read.offset, await keptOffset(source, file)) : read.offset;
}

/** Where the first whole line starts that still exists. */
async function keptOffset(source: LogToRead, file: FileHandle): Promise<number> {
  const base = await readLogBase(source.runDir);
  // why: the cut goes through a line; the rest of that line is left out
  return base === 0 ? 0 : afterLineFeed(file, base);
}

async function afterLineFeed(file: FileHandle, offset: number): Promise<number> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, offset);
  const end = buffer.subarray(0, bytesRead).indexOf(LINE_FEED);
  return end < 0 ? offset : offset + end + 1;
}

/** Where the last `lines` lines start, found from the end backwards. */
async function tailOffset(
  file: FileHandle,
  range: { readonly floor: number; readonly size: number; readonly lines: number },
): Promise<number> {
  if (range.lines <= 0) return range.size;
  let missing = range.lines;
  let end = range.size;
  while (end > range.floor) {
    const start = Math.max(range.floor, end - CHUNK_BYTES);
    const buffer = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    for (let index = bytesRead - 1; index >= 0; index -= 1) {
      // why: the line feed at the very end closes the last line, it does not start another
      if (buffer[index] !== LINE_FEED || start + index === range.size - 1) continue;
      missing -= 1;
      if (missing === 0) return start + index + 1;
    }
    end = start;
  }
  return range.floor;
}

/** Resolves when the log changes, after a while, or when the signal aborts. */
function changeOf(source: LogToRead, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      watcher?.close();
      timer.cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    // why the directory: the log of a container that fails to start gets another name
    const watcher = watchIfAny(source.runDir, finish);
    const timer = source.clock.after(FOLLOW_CHECK_MS, finish);
    signal.addEventListener('abort', finish, { once: true });
  });
}

/** Undefined where the directory is gone, which the timer then finds out. */
function watchIfAny(dir: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(dir, { persistent: false }, onChange);
    watcher.on('error', onChange);
    return watcher;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
