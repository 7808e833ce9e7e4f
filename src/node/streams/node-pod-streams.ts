import type { Container, Pod } from '#api/generated/kubernetes.ts';
import type { AttachOptions, ExecOptions, PodStreamSource, PortConnection, RemoteProcess } from '#api/pod-streams.ts';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import type { Machine } from '../machine/machine.ts';
import { networkNamespacePath } from '../machine/network-namespaces.ts';
import { allContainers } from '../containers/pod-containers.ts';
import type { NodePaths } from '../node-paths.ts';
import { attachToContainer } from './attach-container.ts';
import { execInContainer } from './exec-container.ts';
import { forwardPort } from './forward-port.ts';
import { findRunning } from './running-container.ts';

/** What reaching into pods needs. */
export interface NodePodStreamsOptions {
  readonly paths: NodePaths;
  readonly runtime: ContainerRuntime;
  readonly machine: Machine;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Connections to ports of one pod that are open at a time; each is a process of its own. */
const MAX_CONNECTIONS = 200;

/** Reaches into the node's running pods. */
export class NodePodStreams implements PodStreamSource {
  readonly #options: NodePodStreamsOptions;
  readonly #connections = new Map<string, number>();
  #execs = 0;

  constructor(options: NodePodStreamsOptions) {
    this.#options = options;
  }

  async exec(pod: Pod, options: ExecOptions): Promise<RemoteProcess> {
    const run = await findRunning(this.#options, pod, options.container);
    this.#execs += 1;
    const { runc, busybox } = this.#programs();
    const { paths, clock } = this.#options;
    // why the time: what a platform that was killed left behind must not be taken for ours
    const id = `${clock.nowMs()}-${this.#execs}`;
    return execInContainer({ ...this.#options, runc, busybox, runcRoot: paths.runcRoot, id }, run, options);
  }

  async attach(pod: Pod, options: AttachOptions): Promise<RemoteProcess> {
    const run = await findRunning(this.#options, pod, options.container);
    const { busybox } = this.#programs();
    return attachToContainer({ ...this.#options, busybox }, { run, container: containerOf(pod, options.container) }, options);
  }

  async connect(pod: Pod, port: number, signal: AbortSignal): Promise<PortConnection> {
    const { uid } = pod.metadata;
    const open = this.#connections.get(uid) ?? 0;
    if (open >= MAX_CONNECTIONS) throw new TooManyConnections(pod);
    this.#connections.set(uid, open + 1);
    const { busybox } = this.#programs();
    const paths = this.#options.paths.pod(uid);
    const isOnHost = pod.spec.hostNetwork === true;
    const connection = forwardPort(
      { port, busybox, ...(isOnHost ? {} : { networkNamespacePath: networkNamespacePath(paths.networkNamespace) }) },
      signal,
    );
    void connection.closed.catch(() => {}).then(() => this.#forget(uid));
    return connection;
  }

  #forget(uid: string): void {
    const left = (this.#connections.get(uid) ?? 1) - 1;
    if (left === 0) this.#connections.delete(uid);
    else this.#connections.set(uid, left);
  }

  #programs(): { readonly runc: string; readonly busybox: string } {
    const { runc, busybox } = this.#options.machine.programs;
    if (runc !== undefined && busybox !== undefined) return { runc, busybox };
    throw new PlatformError({
      code: 'Unavailable',
      reason: 'ContainerRuntimeMissing',
      message: 'pods do not run on this node, so nothing can be reached in them: see the condition Ready of the node',
    });
  }
}

function containerOf(pod: Pod, name: string): Container {
  const found = allContainers(pod).find((container) => container.name === name);
  if (found !== undefined) return found;
  throw new PlatformError({
    code: 'NotFound',
    reason: 'ContainerUnknown',
    message: `the pod ${pod.metadata.name} has no container ${name}`,
  });
}

class TooManyConnections extends PlatformError {
  constructor(pod: Pod) {
    super({
      code: 'ResourceExhausted',
      reason: 'TooManyConnections',
      message: `${MAX_CONNECTIONS} connections to ports of the pod ${pod.metadata.name} are open, more are not served: close some`,
    });
  }
}
