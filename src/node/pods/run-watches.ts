import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import { LogFollower } from '../logs/log-follower.ts';

interface RunWatch {
  readonly watcher: FSWatcher;
  readonly log: LogFollower;
}

/** Watches the state files and logs of running containers: two file watches each, none for ended ones. */
export class RunWatches {
  readonly #options: { readonly clock: Clock; readonly exec: Exec; readonly log: Logger };
  readonly #watches = new Map<string, RunWatch>();

  constructor(options: { readonly clock: Clock; readonly exec: Exec; readonly log: Logger }) {
    this.#options = options;
  }

  /** Calls `onChange` when the run starts or ends. Idempotent. */
  add(runDir: string, onChange: () => void): void {
    if (this.#watches.has(runDir)) return;
    const watcher = watch(join(runDir, 'state'), { persistent: false }, (_, file) => {
      if (file === 'pid' || file === 'exit') onChange();
    });
    watcher.on('error', () => this.remove(runDir));
    this.#watches.set(runDir, { watcher, log: new LogFollower(runDir, this.#options) });
  }

  remove(runDir: string): void {
    const found = this.#watches.get(runDir);
    this.#watches.delete(runDir);
    found?.watcher.close();
    found?.log.stop();
  }

  /** Ends the watches of all runs below `dir`. */
  removeBelow(dir: string): void {
    for (const runDir of this.#watches.keys()) if (runDir.startsWith(`${dir}/`)) this.remove(runDir);
  }

  get size(): number {
    return this.#watches.size;
  }
}
