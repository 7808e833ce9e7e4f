import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { PodLogSource } from '#api/pod-logs.ts';
import type { PodStreamSource, RemoteProcess } from '#api/pod-streams.ts';
import { assertNever } from '#kit/assert-never.ts';
import type { ByteSink } from '#kit/byte-sink.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import { type Channel, FrameConnection, type Frame, readMessage } from './frames.ts';
import { type Alive, describeError, type Ended, type Opened, type PodRequest } from './messages.ts';

/** What a node offers of its pods. */
export interface ServedPods {
  readonly logs: PodLogSource;
  readonly streams: PodStreamSource;
}

/** A socket at work. */
export interface PodServer {
  /** Ends every session. */
  close(): Promise<void>;
}

/** What {@link servePods} needs. */
export interface ServePodsOptions {
  readonly socketPath: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A session whose input waits for its process reads nothing, and would not hear that the other side has gone: it writes this often. */
const ALIVE_MS = 10_000;

/** Serves logs, exec, attach and port-forward of a node's pods on a unix socket: one connection each. Who may open the socket may do all of it. */
export async function servePods(pods: ServedPods, options: ServePodsOptions): Promise<PodServer> {
  await rm(options.socketPath, { force: true });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    void serveConnection(pods, new FrameConnection(socket), options);
  });
  await listening(server, options.socketPath);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function listening(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(PlatformError.from(error)));
    server.listen(socketPath, () => resolve());
  });
}

async function serveConnection(pods: ServedPods, connection: FrameConnection, { clock, log }: ServePodsOptions): Promise<void> {
  const gone = new AbortController();
  connection.onClose(() => gone.abort());
  void stayHeard(connection, clock, gone.signal);
  const frames = connection.frames();
  try {
    const first = await frames.next();
    if (first.done === true) return;
    // why trusted: only the platform's own process can open the socket, and it writes this type
    const request = trusted<PodRequest>(readMessage(first.value));
    const ended = await serveRequest(pods, { request, connection, frames, signal: gone.signal });
    await connection.sendMessage(ended);
    connection.end();
  } catch (thrown) {
    if (!gone.signal.aborted) log.warn('a session with a pod broke', { err: PlatformError.from(thrown) });
    connection.close();
  }
}

/** Until the connection has ended, or the first message that can't be sent: that ends it. */
async function stayHeard(connection: FrameConnection, clock: Clock, gone: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await sleep(clock, ALIVE_MS, gone);
      await connection.sendMessage({ kind: 'alive' } satisfies Alive);
    }
  } catch {
    // why: the connection has ended, which its own event tells
  }
}

interface Session<R> {
  readonly request: R;
  readonly connection: FrameConnection;
  readonly frames: AsyncGenerator<Frame>;
  readonly signal: AbortSignal;
}

async function serveRequest(pods: ServedPods, session: Session<PodRequest>): Promise<Ended> {
  try {
    return { kind: 'ended', exitCode: await runRequest(pods, session) };
  } catch (thrown) {
    return { kind: 'failed', error: describeError(thrown) };
  }
}

async function runRequest({ logs, streams }: ServedPods, session: Session<PodRequest>): Promise<number> {
  const { request, signal } = session;
  const { pod } = request;
  switch (request.kind) {
    case 'log': {
      const stdout = await logs.open(pod, { ...request.options, signal });
      return join(session, { stdout, resize: () => {}, exitCode: Promise.resolve(0) });
    }
    case 'exec':
      return join(session, await streams.exec(pod, { ...request.options, signal }));
    case 'attach':
      return join(session, await streams.attach(pod, { ...request.options, signal }));
    case 'connect': {
      const { outgoing, incoming, closed } = await streams.connect(pod, request.port, signal);
      return join(session, { stdin: outgoing, stdout: incoming, resize: () => {}, exitCode: closed.then(() => 0) });
    }
    default:
      return assertNever(request);
  }
}

/** Joins both sides until the node's has ended. */
async function join({ connection, frames }: Session<PodRequest>, process: RemoteProcess): Promise<number> {
  const { stdin, stdout, stderr, exitCode } = process;
  // why: it may end badly while the outputs are still read
  exitCode.catch(() => {});
  const opened: Opened = {
    kind: 'opened',
    stdin: stdin !== undefined,
    stdout: stdout !== undefined,
    stderr: stderr !== undefined,
  };
  await connection.sendMessage(opened);
  void takeInput(frames, process);
  await Promise.all([giveOutput(connection, 'stdout', stdout), giveOutput(connection, 'stderr', stderr)]);
  return exitCode;
}

async function giveOutput(connection: FrameConnection, channel: Channel, output: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  if (output === undefined) return;
  for await (const chunk of output) if (chunk.length > 0) await connection.send(channel, chunk);
  await connection.send(channel, Buffer.alloc(0));
}

async function takeInput(frames: AsyncGenerator<Frame>, process: RemoteProcess): Promise<void> {
  const sink = new ForgivingSink(process.stdin);
  try {
    for await (const frame of frames) {
      if (frame.channel === 'stdin') await sink.take(frame.payload);
      else resize(process, frame);
    }
  } catch {
    // why: whoever breaks the rules of the connection sends nothing more; the session ends with the process or the connection
  }
}

function resize(process: RemoteProcess, frame: Frame): void {
  const { columns, rows } = readMessage(frame);
  if (typeof columns === 'number' && typeof rows === 'number') process.resize({ columns, rows });
}

/** A process that does not read its input is no fault of the session: what comes for it is dropped. */
class ForgivingSink {
  #sink: ByteSink | undefined;

  constructor(sink: ByteSink | undefined) {
    this.#sink = sink;
  }

  async take(chunk: Uint8Array): Promise<void> {
    try {
      if (chunk.length === 0) this.#sink?.end();
      else await this.#sink?.write(chunk);
    } catch {
      this.#sink = undefined;
    }
  }
}
