import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { connect } from 'node:net';
import { Duplex, type Readable, type Writable } from 'node:stream';

/** Where the ports of a pod are. */
export interface PodAddress {
  /** An address that leads to the pod: its own, or its loopback where the pod is entered. */
  readonly host: string;
  /** The pod's own network, entered for each connection; absent = this process reaches `host` by itself. */
  readonly inside?: { readonly networkNamespacePath: string; readonly busybox: string } | undefined;
}

/** A port behind an address. */
export interface PodPort extends PodAddress {
  readonly port: number;
}

/** What is kept of what a failed relay says. */
const WORDS_KEPT = 1_000;

/** A connection to the port; errors come as those of the stream. It goes when the signal aborts. */
export function reachPort(target: PodPort, signal: AbortSignal): Duplex {
  const { inside, host, port } = target;
  if (inside === undefined) return connect({ host, port, signal });
  const { busybox, networkNamespacePath } = inside;
  // why a process: a thread of this one can't join another network without leaving its own. busybox costs 2 ms, a Node process 40
  const child = spawn(busybox, ['nsenter', `--net=${networkNamespacePath}`, busybox, 'nc', host, String(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
    env: {},
  });
  return new Relay(child, target);
}

/** Connects and hangs up at once. @throws the system's error */
export function touchPort(target: PodPort, signal: AbortSignal): Promise<void> {
  const { inside, host, port } = target;
  return new Promise((resolve, reject) => {
    if (inside === undefined) {
      const socket = connect({ host, port, signal }, () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', reject);
      return;
    }
    const { busybox, networkNamespacePath } = inside;
    // why a program behind the connection: nc alone would wait for the other side to hang up
    const argv = ['nsenter', `--net=${networkNamespacePath}`, busybox, 'nc', host, String(port), '-e', busybox, 'true'];
    const child = spawn(busybox, argv, { stdio: ['pipe', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL', env: {} });
    const relay = new Relay(child, target);
    relay.once('error', reject);
    relay.once('end', resolve);
    relay.resume();
    relay.end();
  });
}

/** The two ends of a relay as one stream, which ends only when it is known whether the relay could connect. */
class Relay extends Duplex {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, target: PodPort) {
    super();
    this.#child = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < WORDS_KEPT) said += chunk.toString('utf8');
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdin.on('error', () => {});
    child.once('error', (error) => this.destroy(error));
    child.once('close', (code) => {
      if (code === 0) this.push(null);
      else this.destroy(new Error(relayError(said, target)));
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: () => void): void {
    // why no error: the end of the relay tells what went wrong, in better words than a broken pipe
    this.#child.stdin.write(chunk, encoding, () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#child.kill('SIGKILL');
    done(error);
  }
}

/** `nc: can't connect to remote host (127.0.0.1): Connection refused` in the words that others use. */
function relayError(said: string, { host, port }: PodPort): string {
  const why = said.trim().split(': ').at(-1)?.toLowerCase() ?? '';
  return `dial tcp ${host}:${port}: connect: ${why === '' ? 'the connection was cut' : why}`;
}
