import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import { RUN_FILES } from '../containers/run-state.ts';
import { readTextIfAny, writeTextAtomic } from '#linux/small-files.ts';
import { appendLogMark, readLogIndex, trimLogIndex } from './log-index.ts';

/** A chatty container is marked at most this often. */
const MARK_INTERVAL_MS = 250;
/** A log is cut when it is this long … */
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;
/** … down to about its last part of this size (kubelet's containerLogMaxSize: 10 MiB). */
const LOG_KEPT_BYTES = 10 * 1024 * 1024;
/** Holes are punched in whole blocks. */
const BLOCK_BYTES = 4096;
const BASE_FILE = 'log.base';

/** Offset of the first byte of a run's log that still exists. */
export async function readLogBase(runDir: string): Promise<number> {
  const base = Number((await readTextIfAny(join(runDir, BASE_FILE))) ?? '0');
  return Number.isSafeInteger(base) ? base : 0;
}

/**
 * Watches one run's log: notes when what was written, and frees the blocks of its old part when it grows long.
 * Containers write straight to the file and never notice: offsets stay as they are, so nothing can be lost in between.
 */
export class LogFollower {
  readonly #runDir: string;
  readonly #path: string;
  readonly #options: { readonly clock: Clock; readonly exec: Exec; readonly log: Logger };
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;
  #markedBytes = -1;
  #isStopped = false;

  constructor(runDir: string, options: { readonly clock: Clock; readonly exec: Exec; readonly log: Logger }) {
    this.#runDir = runDir;
    this.#path = join(runDir, RUN_FILES.log);
    this.#options = options;
    void this.#mark('modified');
  }

  /** Ends watching after one last mark. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#watcher?.close();
    this.#timer?.cancel();
    void this.#mark('modified');
  }

  async #mark(time: 'modified' | 'now'): Promise<void> {
    try {
      if (this.#markedBytes < 0) this.#markedBytes = (await readLogIndex(this.#runDir)).at(-1)?.offset ?? 0;
      const found = await stat(this.#path);
      const hasGrown = found.size > this.#markedBytes;
      if (hasGrown) {
        this.#markedBytes = found.size;
        await appendLogMark(this.#runDir, { offset: found.size, timeMs: time === 'now' ? this.#options.clock.nowMs() : found.mtimeMs });
        await this.#freeOldPart(found.size);
      }
      if (this.#isStopped) return;
      // why: while it grows it is looked at in intervals; only a quiet file is worth a watch, whose events come with every write
      if (hasGrown) this.#timer = this.#options.clock.after(MARK_INTERVAL_MS, () => void this.#mark('now'));
      else this.#listen();
    } catch (err) {
      // why: the run was removed, or the disk is full; the log itself is unharmed, only its times are less exact
      if (!this.#isStopped) this.#options.log.debug('a container log could not be marked', { path: this.#path, err });
    }
  }

  #listen(): void {
    const watcher = watch(this.#path, { persistent: false }, () => {
      watcher.close();
      this.#watcher = undefined;
      if (!this.#isStopped) void this.#mark('now');
    });
    watcher.on('error', () => watcher.close());
    this.#watcher = watcher;
    // why: what was written between the last look and this watch
    void stat(this.#path).then(
      (found) => {
        if (this.#isStopped || this.#watcher !== watcher || found.size <= this.#markedBytes) return;
        watcher.close();
        this.#watcher = undefined;
        return this.#mark('now');
      },
      () => watcher.close(),
    );
  }

  async #freeOldPart(size: number): Promise<void> {
    const base = await readLogBase(this.#runDir);
    if (size - base < LOG_LIMIT_BYTES) return;
    const newBase = size - LOG_KEPT_BYTES - ((size - LOG_KEPT_BYTES) % BLOCK_BYTES);
    await writeTextAtomic(join(this.#runDir, BASE_FILE), String(newBase));
    await trimLogIndex(this.#runDir, newBase);
    await this.#options.exec.run(['fallocate', '--punch-hole', '--offset', '0', '--length', String(newBase), this.#path]);
  }
}
