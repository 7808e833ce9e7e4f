import type { Pod } from '#api/generated/kubernetes.ts';
import type { PodLogOptions, PodLogSource } from '#api/pod-logs.ts';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import type { NodePaths } from '../node-paths.ts';
import { statusOfContainer } from '../status/container-status.ts';
import { readLog } from './read-log.ts';

/** The logs of the node's containers. */
export class NodePodLogs implements PodLogSource {
  readonly #paths: NodePaths;
  readonly #runtime: ContainerRuntime;
  readonly #clock: Clock;

  constructor(options: { readonly paths: NodePaths; readonly runtime: ContainerRuntime; readonly clock: Clock }) {
    this.#paths = options.paths;
    this.#runtime = options.runtime;
    this.#clock = options.clock;
  }

  async open(pod: Pod, options: PodLogOptions): Promise<AsyncIterable<Uint8Array>> {
    const paths = this.#paths.pod(pod.metadata.uid);
    const attempts = await this.#runtime.attempts(paths, options.container);
    const attempt = attempts.at(options.previous ? -2 : -1);
    if (attempt === undefined)
      throw options.previous ? new PreviousRunMissing(pod, options.container) : new ContainerWaiting(pod, options.container);
    const run = paths.run(options.container, attempt);
    const isOver = async (): Promise<boolean> => {
      const observed = await this.#runtime.observeRun(run);
      return observed === undefined || observed.state.phase === 'exited';
    };
    return readLog({ runDir: run.dir, clock: this.#clock, isOver }, options);
  }
}

class PreviousRunMissing extends PlatformError {
  constructor(pod: Pod, container: string) {
    super({
      code: 'NotFound',
      reason: 'PreviousRunMissing',
      message: `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)} not found: it has not been restarted`,
    });
  }
}

class ContainerWaiting extends PlatformError {
  constructor(pod: Pod, container: string) {
    const waiting = statusOfContainer(pod, container)?.state?.waiting;
    super({
      code: 'InvalidArgument',
      reason: 'ContainerWaiting',
      message: `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)} is waiting to start: ${waiting?.message ?? waiting?.reason ?? 'ContainerCreating'}`,
    });
  }
}
