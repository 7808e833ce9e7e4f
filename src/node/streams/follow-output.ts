import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kit/clock.ts';
import { RUN_FILES } from '../containers/run-state.ts';
import type { RunPaths } from '../node-paths.ts';

const CHUNK_BYTES = 64 * 1024;
/** Looks this often by itself, should a change have gone unnoticed. */
const CHECK_MS = 1_000;

/** What is watched. */
export interface OutputOptions {
  readonly run: RunPaths;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Where in the file to begin, in bytes. */
  readonly from: number;
  /** True when nothing will be written any more. */
  readonly isOver: () => Promise<boolean>;
}

/** What a run writes after `from`, until it ends or the signal aborts. */
export async function* followOutput({ run, from, clock, signal, isOver }: OutputOptions): AsyncGenerator<Uint8Array> {
  const file = await open(join(run.dir, RUN_FILES.log));
  const changes = new Changes(clock, signal);
  // why the state's directory too: the end of the run is a file that appears there
  changes.watch(join(run.dir, RUN_FILES.log));
  changes.watch(join(run.dir, 'state'));
  try {
    let offset = from;
    while (!signal.aborted) {
      const isLast = await isOver();
      for (;;) {
        const buffer = Buffer.alloc(CHUNK_BYTES);
        const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, offset);
        if (bytesRead === 0 || signal.aborted) break;
        offset += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      if (isLast) return;
      await changes.next();
    }
  } finally {
    changes.close();
    await file.close();
  }
}

/** Remembers that something changed while nobody waited. */
class Changes {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #closers: (() => void)[] = [];
  #hasChanged = false;
  #waiting: (() => void) | undefined;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake, { once: true });
    this.#closers.push(() => signal.removeEventListener('abort', wake));
  }

  watch(path: string): void {
    const watcher = watch(path, { persistent: false }, () => this.#wake());
    watcher.on('error', () => this.#wake());
    this.#closers.push(() => watcher.close());
  }

  async next(): Promise<void> {
    const timer = this.#clock.after(CHECK_MS, () => this.#wake());
    if (!this.#hasChanged && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    this.#hasChanged = false;
    timer.cancel();
  }

  close(): void {
    for (const close of this.#closers.splice(0)) close();
  }

  #wake(): void {
    this.#hasChanged = true;
    this.#waiting?.();
  }
}
