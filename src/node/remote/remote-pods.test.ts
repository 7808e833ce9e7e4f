import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import type { AttachOptions, PodStreamSource } from '#api/pod-streams.ts';
import { ByteQueue } from '#kit/byte-queue.ts';
import { pour } from '#kit/byte-sink.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { aPod } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { RemotePods } from './remote-pods.ts';
import { type PodServer, servePods } from './serve-pods.ts';

const POD = trusted<Pod>(aPod({ name: 'p' }));
const MIB = 1024 * 1024;
/** Reads nothing and says nothing. */
const DEAF_PORT = 2;

let dir: string;
let server: PodServer;
let remote: RemotePods;
let clock: FakeClock;
/** What the node's side saw. */
let seen: string[];
let gone: Promise<void>;

/** Says what it hears on both outputs, and ends with the number of bytes. */
const echo: PodStreamSource = {
  exec: async (_pod, options) => {
    if (options.command[0] === 'missing')
      throw new PlatformError({ code: 'InvalidArgument', reason: 'PodNotRunning', message: 'the container does not run' });
    return process(options);
  },
  attach: async (_pod, options) => process(options),
  connect: async (_pod, port, signal) => {
    const queue = new ByteQueue(MIB);
    if (port === DEAF_PORT) {
      gone = new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      return { outgoing: { write: () => new Promise(() => {}), end: () => {} }, incoming: queue, closed: gone };
    }
    if (port === 1)
      return {
        outgoing: { write: async () => {}, end: () => {} },
        incoming: queue,
        closed: Promise.reject(new PlatformError({ code: 'Unavailable', reason: 'PortClosed', message: 'nobody listens' })).finally(() =>
          queue.end(),
        ),
      };
    return { outgoing: { write: (chunk) => queue.push(chunk), end: () => queue.end() }, incoming: queue, closed: Promise.resolve() };
  },
};

async function process({ stdin, stderr, signal }: AttachOptions) {
  const [out, err] = [new ByteQueue(MIB), new ByteQueue(MIB)];
  const { promise, resolve } = Promise.withResolvers<void>();
  gone = promise;
  signal.addEventListener('abort', () => resolve(), { once: true });
  let count = 0;
  return {
    ...(stdin
      ? {
          stdin: {
            write: async (chunk: Uint8Array) => {
              count += chunk.length;
              await out.push(chunk);
              await err.push(chunk);
            },
            end: () => {
              out.end();
              err.end();
            },
          },
        }
      : {}),
    stdout: out,
    ...(stderr ? { stderr: err } : {}),
    resize: ({ columns, rows }: { columns: number; rows: number }) => void seen.push(`${columns}x${rows}`),
    exitCode: (async () => {
      await new Promise<void>((done) => {
        const look = (): void => void (count >= 7 ? done() : setImmediate(look));
        look();
      });
      return count % 256;
    })(),
  };
}

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'stowage-remote-'));
  seen = [];
  clock = new FakeClock();
  const socketPath = path.join(dir, 'n.sock');
  const logs = {
    open: async (_pod: unknown, { tailLines }: { readonly tailLines?: number }) => lines(tailLines ?? 3),
  };
  server = await servePods({ logs, streams: echo }, { socketPath, clock, log: silentLogger });
  remote = new RemotePods({ nodeName: 'n2', socketPath, clock });
});
afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

async function* lines(count: number): AsyncGenerator<Uint8Array> {
  for (let line = 1; line <= count; line += 1) yield Buffer.from(`line ${line}\n`);
  if (count > 3) throw new PlatformError({ code: 'Internal', reason: 'LogTorn', message: 'the log is torn' });
}

async function textOf(source: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const all = (): Omit<AttachOptions, 'signal'> & { readonly signal: AbortSignal } => ({
  container: 'c',
  stdin: true,
  stdout: true,
  stderr: true,
  tty: false,
  signal: new AbortController().signal,
});
const ask = { container: 'c', follow: false, timestamps: false, previous: false };

it('carries a log to its end', async () => {
  const log = await remote.open(POD, { ...ask, tailLines: 2, signal: new AbortController().signal });
  expect(await textOf(log)).toBe('line 1\nline 2\n');
});

it('a log that breaks on the node breaks here, with the same error', async () => {
  const log = await remote.open(POD, { ...ask, tailLines: 4, signal: new AbortController().signal });
  await expect(textOf(log)).rejects.toMatchObject({ code: 'Internal', reason: 'LogTorn' });
});

it('carries input, both outputs, the size of the terminal and the exit code', async () => {
  const running = await remote.exec(POD, { ...all(), command: ['cat'] });
  running.resize({ columns: 80, rows: 24 });
  await running.stdin?.write(Buffer.from('a '));
  await running.stdin?.write(Buffer.from('house'));
  running.stdin?.end();
  expect(await Promise.all([textOf(running.stdout), textOf(running.stderr)])).toEqual(['a house', 'a house']);
  expect(await running.exitCode).toBe(7);
  expect(seen).toEqual(['80x24']);
});

it('carries megabytes as they are', async () => {
  const { outgoing, incoming, closed } = await remote.connect(POD, 80, new AbortController().signal);
  const sent = Buffer.alloc(5 * MIB, 'stowage');
  const received = textOf(incoming);
  await pour(
    (async function* () {
      yield sent;
    })(),
    outgoing,
  );
  outgoing.end();
  expect(Buffer.from(await received).equals(sent)).toBe(true);
  await closed;
});

it.each([
  { name: 'of a command', start: () => remote.exec(POD, { ...all(), command: ['missing'] }), reason: 'PodNotRunning' },
  {
    name: 'of a port',
    start: async () => (await remote.connect(POD, 1, new AbortController().signal)).closed,
    reason: 'PortClosed',
  },
])("the node's refusal $name arrives as it was thrown", async ({ start, reason }) => {
  await expect(start()).rejects.toMatchObject({ reason });
});

it('ends the process when the client has gone', async () => {
  const client = new AbortController();
  const running = await remote.attach(POD, { ...all(), signal: client.signal });
  client.abort();
  await gone;
  await expect(running.exitCode).rejects.toMatchObject({ reason: 'NodeUnreachable' });
  expect(await textOf(running.stdout)).toBe('');
});

it('ends a session also where its input waits for somebody who does not read', async () => {
  const client = new AbortController();
  const { outgoing, closed } = await remote.connect(POD, DEAF_PORT, client.signal);
  let isGone = false;
  void gone.then(() => (isGone = true));
  const writing = outgoing.write(Buffer.alloc(16 * MIB)).catch(() => {});
  // why: until the buffers of both sides are full
  await new Promise<void>((resolve) => setTimeout(resolve, 200));
  client.abort();
  await writing;
  await expect
    .poll(async () => {
      await clock.step(10_000);
      return isGone;
    })
    .toBe(true);
  await expect(closed).rejects.toMatchObject({ reason: 'NodeUnreachable' });
});

it('says that a node without a process can not be reached', async () => {
  await server.close();
  await expect(remote.attach(POD, all())).rejects.toMatchObject({ code: 'Unavailable', reason: 'NodeUnreachable' });
});

it('says so too of a node that takes connections and does not answer', async () => {
  await server.close();
  const sockets: Socket[] = [];
  const deaf = createServer((socket) => void sockets.push(socket));
  const socketPath = path.join(dir, 'deaf.sock');
  await new Promise<void>((resolve) => deaf.listen(socketPath, () => resolve()));
  const attempt = new RemotePods({ nodeName: 'n2', socketPath, clock }).attach(POD, all());
  const refused = expect(attempt).rejects.toMatchObject({
    reason: 'NodeUnreachable',
    message: expect.stringContaining('no answer for 10 s'),
  });
  await clock.step(10_000);
  await refused;
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => deaf.close(() => resolve()));
});
