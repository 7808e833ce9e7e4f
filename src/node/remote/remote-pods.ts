import { connect } from 'node:net';
import type { Pod } from '#api/generated/kubernetes.ts';
import type { PodLogOptions, PodLogSource } from '#api/pod-logs.ts';
import type { AttachOptions, ExecOptions, PodStreamSource, PortConnection, RemoteProcess } from '#api/pod-streams.ts';
import { ByteQueue } from '#kit/byte-queue.ts';
import type { ByteSink } from '#kit/byte-sink.ts';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { FrameConnection, type Frame, readMessage } from './frames.ts';
import { errorOf, type PodRequest } from './messages.ts';

/** Where a node's process is reached. */
export interface RemotePodsOptions {
  readonly nodeName: string;
  readonly socketPath: string;
  readonly clock: Clock;
}

/** The process of a node does not answer. */
class NodeUnreachable extends PlatformError {
  constructor(nodeName: string, fault: string) {
    super({
      code: 'Unavailable',
      reason: 'NodeUnreachable',
      message: `the node ${nodeName} can't be reached (${fault}): see kubectl get nodes; it is started again by itself`,
      details: { node: nodeName },
    });
  }
}

/** A node that is silent for longer is not there. */
const ANSWER_MS = 10_000;
/** Bytes of one output that lie here unread before the node waits. */
const QUEUE_BYTES = 1024 * 1024;

/** The pods of a node that is a process of its own, reached over its socket. */
export class RemotePods implements PodLogSource, PodStreamSource {
  readonly #options: RemotePodsOptions;

  constructor(options: RemotePodsOptions) {
    this.#options = options;
  }

  async open(pod: Pod, { signal, ...options }: PodLogOptions): Promise<AsyncIterable<Uint8Array>> {
    return linesOf(await this.#start({ kind: 'log', pod, options }, signal));
  }

  async exec(pod: Pod, { signal, ...options }: ExecOptions): Promise<RemoteProcess> {
    return (await this.#start({ kind: 'exec', pod, options }, signal)).process;
  }

  async attach(pod: Pod, { signal, ...options }: AttachOptions): Promise<RemoteProcess> {
    return (await this.#start({ kind: 'attach', pod, options }, signal)).process;
  }

  async connect(pod: Pod, port: number, signal: AbortSignal): Promise<PortConnection> {
    const session = await this.#start({ kind: 'connect', pod, port }, signal);
    const closed = session.exitCode.then(() => undefined);
    // why: a connection that ends badly before anybody waits for its end must not end the platform
    closed.catch(() => {});
    return { outgoing: session.input, incoming: session.stdout, closed };
  }

  async #start(request: PodRequest, signal: AbortSignal): Promise<RemoteSession> {
    const { nodeName, socketPath, clock } = this.#options;
    const socket = connect(socketPath);
    const session = new RemoteSession(new FrameConnection(socket), nodeName);
    const close = (): void => session.close();
    if (signal.aborted) close();
    signal.addEventListener('abort', close, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', close));
    const patience = clock.after(ANSWER_MS, () => session.close(`no answer for ${ANSWER_MS / 1000} s`));
    socket.once('error', (error) => session.close(error.message));
    try {
      await session.open(request);
      return session;
    } finally {
      patience.cancel();
    }
  }
}

async function* linesOf(session: RemoteSession): AsyncGenerator<Uint8Array> {
  try {
    yield* session.stdout;
    await session.exitCode;
  } finally {
    session.close();
  }
}

/** One connection: what comes is sorted into its streams. */
class RemoteSession {
  readonly stdout = new ByteQueue(QUEUE_BYTES);
  readonly #stderr = new ByteQueue(QUEUE_BYTES);
  readonly #connection: FrameConnection;
  readonly #nodeName: string;
  readonly #opened = Promise.withResolvers<Readonly<Record<string, unknown>>>();
  readonly #ended = Promise.withResolvers<number>();
  #hasStdin = false;
  #hasStdout = false;
  #hasStderr = false;
  #isOver = false;

  constructor(connection: FrameConnection, nodeName: string) {
    this.#connection = connection;
    this.#nodeName = nodeName;
    // why: a session may be given up before anybody waits for its end
    for (const { promise } of [this.#opened, this.#ended]) promise.catch(() => {});
  }

  get exitCode(): Promise<number> {
    return this.#ended.promise;
  }

  get input(): ByteSink {
    return {
      write: (chunk) => this.#connection.send('stdin', chunk),
      end: () => void this.#connection.send('stdin', Buffer.alloc(0)).catch(() => {}),
    };
  }

  get process(): RemoteProcess {
    return {
      ...(this.#hasStdin ? { stdin: this.input } : {}),
      ...(this.#hasStdout ? { stdout: this.stdout } : {}),
      ...(this.#hasStderr ? { stderr: this.#stderr } : {}),
      resize: (size) => void this.#connection.sendMessage(size).catch(() => {}),
      exitCode: this.exitCode,
    };
  }

  /** @throws PlatformError as the node threw it; NodeUnreachable where it does not answer */
  async open(request: PodRequest): Promise<void> {
    void this.#read();
    this.#connection.sendMessage(request).catch((thrown: unknown) => this.close(PlatformError.from(thrown).message));
    const { stdin, stdout, stderr } = await this.#opened.promise;
    this.#hasStdin = stdin === true;
    this.#hasStdout = stdout === true;
    this.#hasStderr = stderr === true;
  }

  close(fault = 'the session was ended'): void {
    const error = new NodeUnreachable(this.#nodeName, fault);
    this.#opened.reject(error);
    this.#ended.reject(error);
    this.stdout.close();
    this.#stderr.close();
    this.#connection.close();
  }

  async #read(): Promise<void> {
    try {
      for await (const frame of this.#connection.frames()) await this.#take(frame);
      // why not after a proper end: what came last may not have been read yet
      if (!this.#isOver) this.close('the connection ended');
    } catch (thrown) {
      this.close(PlatformError.from(thrown).message);
    }
  }

  async #take(frame: Frame): Promise<void> {
    if (frame.channel === 'message') {
      this.#hear(readMessage(frame));
      return;
    }
    const queue = frame.channel === 'stdout' ? this.stdout : this.#stderr;
    if (frame.payload.length === 0) queue.end();
    else await queue.push(frame.payload);
  }

  #hear(message: Readonly<Record<string, unknown>>): void {
    if (message['kind'] === 'opened') {
      this.#opened.resolve(message);
      return;
    }
    if (message['kind'] === 'alive') return;
    this.#isOver = true;
    this.stdout.end();
    this.#stderr.end();
    if (message['kind'] === 'ended') this.#ended.resolve(Number(message['exitCode']));
    const error = errorOf(message);
    this.#opened.reject(error);
    this.#ended.reject(error);
  }
}
