import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import { LogFollower } from '../logs/log-follower.ts';
import type { RunPaths } from '../node-paths.ts';

interface RunWatch {
  readonly unwatch: () => void;
  readonly log: LogFollower;
}

/** What watching needs. */
export interface RunWatchesOptions {
  readonly runtime: Pick<ContainerRuntime, 'watch'>;
  readonly clock: Clock;
  readonly exec: Exec;
  readonly log: Logger;
}

/** Watches running containers and their logs: one watch of each, none for ended ones. */
export class RunWatches {
  readonly #options: RunWatchesOptions;
  readonly #watches = new Map<string, RunWatch>();

  constructor(options: RunWatchesOptions) {
    this.#options = options;
  }

  /** Calls `onChange` when the run starts or ends. Idempotent. */
  add(run: RunPaths, onChange: () => void): void {
    if (this.#watches.has(run.dir)) return;
    const unwatch = this.#options.runtime.watch(run, { onChange, onLost: () => this.remove(run.dir) });
    this.#watches.set(run.dir, { unwatch, log: new LogFollower(run.dir, this.#options) });
  }

  remove(runDir: string): void {
    const found = this.#watches.get(runDir);
    this.#watches.delete(runDir);
    found?.unwatch();
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
