import type { Container, LifecycleHandler, Pod } from '#api/generated/kubernetes.ts';
import type { Logger } from '#kit/log.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import type { ObservedRun } from '../containers/run-state.ts';
import type { HandlerRunner } from '../handlers/handler-runner.ts';
import type { PodPaths, RunPaths } from '../node-paths.ts';
import { failedPostStart, failedPreStop, type NodeEvents } from '../status/pod-events.ts';

/** What hooks need. */
export interface HookRunsOptions {
  readonly handlers: Pick<HandlerRunner, 'hook'>;
  readonly runtime: Pick<ContainerRuntime, 'markPostStart'>;
  readonly events: NodeEvents;
  readonly log: Logger;
  /** Has the pod looked at. */
  readonly wake: (uid: string) => void;
}

/** A run whose hook is due. */
export interface HookedRun {
  readonly pod: Pod;
  readonly paths: PodPaths;
  readonly container: Container;
  readonly run: ObservedRun;
}

interface ActiveHook {
  readonly attempt: number;
  readonly abort: AbortController;
  isDone: boolean;
}

/** Hooks of containers while they run: at most one per container and kind. After a restart of the platform an unfinished one runs again (at least once, as the API promises). */
export class HookRuns {
  readonly #options: HookRunsOptions;
  readonly #hooks = new Map<string, ActiveHook>();

  constructor(options: HookRunsOptions) {
    this.#options = options;
  }

  /** Begins the hook after a start unless it is at work; its result is written to the run. */
  postStart(hooked: HookedRun): void {
    const handler = hooked.container.lifecycle?.postStart;
    if (handler === undefined || hooked.run.postStart !== undefined) return;
    this.#ensure(hooked, 'post-start', async (run, signal) => {
      const isOk = await this.#call(hooked, handler, signal);
      if (signal.aborted) return;
      if (!isOk) this.#options.events.record(failedPostStart(hooked.pod));
      await this.#options.runtime.markPostStart(run, isOk ? 'done' : 'failed');
    });
  }

  /** Begins the hook before an end unless it is at work; true when there is nothing (more) to wait for. */
  preStop(hooked: HookedRun): boolean {
    const handler = hooked.container.lifecycle?.preStop;
    if (handler === undefined) return true;
    return this.#ensure(hooked, 'pre-stop', async (_, signal) => {
      const isOk = await this.#call(hooked, handler, signal);
      if (!isOk && !signal.aborted) this.#options.events.record(failedPreStop(hooked.pod));
    }).isDone;
  }

  /** Gives up what is at work for the run. */
  cancel({ paths, container }: { readonly paths: PodPaths; readonly container: string }): void {
    for (const kind of ['post-start', 'pre-stop']) this.#hooks.get(keyOf(paths.uid, container, kind))?.abort.abort();
  }

  /** The pod is gone. */
  forget(uid: string): void {
    for (const [key, { abort }] of this.#hooks) {
      if (!key.startsWith(`${uid}/`)) continue;
      abort.abort();
      this.#hooks.delete(key);
    }
  }

  /** Gives up everything. */
  stop(): void {
    for (const { abort } of this.#hooks.values()) abort.abort();
    this.#hooks.clear();
  }

  #ensure(
    { paths, container, run: { record } }: HookedRun,
    kind: string,
    work: (run: RunPaths, signal: AbortSignal) => Promise<void>,
  ): ActiveHook {
    const run = paths.run(container.name, record.attempt);
    const key = keyOf(paths.uid, container.name, kind);
    const active = this.#hooks.get(key);
    if (active?.attempt === record.attempt) return active;
    active?.abort.abort();
    const begun: ActiveHook = { attempt: record.attempt, abort: new AbortController(), isDone: false };
    this.#hooks.set(key, begun);
    void work(run, begun.abort.signal)
      .catch((err: unknown) => this.#options.log.warn('a hook could not be run', { uid: paths.uid, name: container.name, err }))
      .finally(() => {
        begun.isDone = true;
        this.#options.wake(paths.uid);
      });
    return begun;
  }

  async #call({ pod, paths, container, run: { record } }: HookedRun, handler: LifecycleHandler, signal: AbortSignal): Promise<boolean> {
    const run = paths.run(container.name, record.attempt);
    const { isOk, message } = await this.#options.handlers.hook({ pod, container, run }, handler, signal);
    if (!isOk && !signal.aborted) this.#options.log.info('a hook failed', { uid: paths.uid, name: container.name, reason: message });
    return isOk;
  }
}

function keyOf(uid: string, container: string, kind: string): string {
  return `${uid}/${container}/${kind}`;
}
