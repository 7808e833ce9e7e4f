import { type ChildProcess, spawn } from 'node:child_process';
import { connect as connectSocket } from 'node:net';
import type { PortConnection } from '#api/pod-streams.ts';
import { sinkOf } from '#kit/byte-sink.ts';
import { PlatformError } from '#kit/errors.ts';

/** A port of a pod. */
export interface ForwardTarget {
  readonly port: number;
  /** The pod's own network; absent = the host's. */
  readonly networkNamespacePath?: string | undefined;
  readonly busybox: string;
}

/** What is kept of what a failed connection says. */
const WORDS_KEPT = 1_000;

/** Connects to the port on the pod's loopback address. Its own errors come with `closed`. */
export function forwardPort(target: ForwardTarget, signal: AbortSignal): PortConnection {
  return target.networkNamespacePath === undefined
    ? connectHere(target.port, signal)
    : connectInside({ ...target, networkNamespacePath: target.networkNamespacePath }, signal);
}

function connectHere(port: number, signal: AbortSignal): PortConnection {
  const socket = connectSocket({ host: '127.0.0.1', port, allowHalfOpen: true, signal });
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(new PortUnreachable(port, error.message)));
    socket.once('close', () => resolve());
  });
  // why: a connection that fails before anybody waits for its end is no crash
  closed.catch(() => {});
  return { outgoing: sinkOf(socket), incoming: socket, closed };
}

/** A small relay joins the network namespace: a thread of this process could not without leaving its own. */
function connectInside(target: ForwardTarget & { readonly networkNamespacePath: string }, signal: AbortSignal): PortConnection {
  const { busybox, port, networkNamespacePath } = target;
  const child = spawn(busybox, ['nsenter', `--net=${networkNamespacePath}`, busybox, 'nc', '127.0.0.1', String(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
    env: {},
  });
  // why: Node throws away what a process that has ended had said, unless somebody listens by then
  child.stdout.on('readable', () => {});
  const closed = endOf(child, port);
  closed.catch(() => {});
  return { outgoing: sinkOf(child.stdin), incoming: child.stdout, closed };
}

function endOf(child: ChildProcess, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      if (said.length < WORDS_KEPT) said += chunk.toString('utf8');
    });
    child.once('error', (error) => reject(new PortUnreachable(port, error.message)));
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new PortUnreachable(port, said.trim().replace(/^\w+: /, '')));
    });
  });
}

/** Nothing answers on the port. */
class PortUnreachable extends PlatformError {
  constructor(port: number, why: string) {
    super({
      code: 'Unavailable',
      reason: 'PortUnreachable',
      message: `port ${port} of the pod can't be reached: ${why === '' ? 'the connection was cut' : why}: does a container listen on it?`,
    });
  }
}
