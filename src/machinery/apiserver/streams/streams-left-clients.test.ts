import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import type { PodStreamSource } from '#api/pod-streams.ts';
import { ByteQueue } from '#kit/byte-queue.ts';
import { trusted } from '#kit/json.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { FrameReader, rstStreamFrame, type SpdyFrame, synStreamFrame } from '../spdy/frames.ts';
import { HeaderWriter } from '../spdy/header-block.ts';
import { servePortForward } from './serve-port-forward.ts';
import { acceptSpdyCommand } from './spdy-channels.ts';
import { acceptWebSocket } from './websocket.ts';

function requestWith(headers: Readonly<Record<string, string>>): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return request;
}

describe('a client that left while its process was started', () => {
  async function leftSocket(): Promise<Duplex> {
    const [, socket] = duplexPair();
    socket.destroy();
    await once(socket, 'close');
    return socket;
  }

  it('ends the handshake of a WebSocket', async () => {
    const request = requestWith({
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
    });
    request.method = 'GET';
    const upgrade = { request, socket: await leftSocket(), head: Buffer.alloc(0) };
    await expect(acceptWebSocket(upgrade, 'v5.channel.k8s.io')).rejects.toThrow('the connection ended during the WebSocket handshake');
  });

  it('is not waited for over SPDY', async () => {
    const options = {
      container: 'c',
      stdin: false,
      stdout: true,
      stderr: false,
      tty: false,
      signal: new AbortController().signal,
    };
    const accepted = acceptSpdyCommand(await leftSocket(), { options, clock: new FakeClock() });
    await expect(accepted).rejects.toMatchObject({ reason: 'StreamsMissing' });
  });
});

it('a forwarded connection that the client gives up is let go of, though the pod is silent', async () => {
  const [client, socket] = duplexPair();
  const seen: SpdyFrame[] = [];
  const reader = new FrameReader();
  let head: Buffer | undefined = Buffer.alloc(0);
  client.on('data', (chunk: Buffer) => {
    let bytes = chunk;
    if (head !== undefined) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      bytes = head.subarray(end + 4);
      head = undefined;
    }
    const frames = reader.read(bytes);
    if (frames.ok) seen.push(...frames.value);
  });
  const signals: AbortSignal[] = [];
  const connect: PodStreamSource['connect'] = (_pod, _port, signal) => {
    signals.push(signal);
    const incoming = new ByteQueue(1);
    signal.addEventListener('abort', () => incoming.close(), { once: true });
    return Promise.resolve({ outgoing: { write: () => Promise.resolve(), end: () => {} }, incoming, closed: Promise.resolve() });
  };
  const ending = new AbortController();
  const serving = servePortForward({
    upgrade: { request: requestWith({ 'x-stream-protocol-version': 'portforward.k8s.io' }), socket, head: Buffer.alloc(0) },
    pod: trusted<Pod>({ metadata: { name: 'p' } }),
    query: new URLSearchParams(),
    source: trusted<PodStreamSource>({ connect }),
    clock: new FakeClock(),
    ending,
    upgraded: () => {},
  });
  const headers = new HeaderWriter();
  const open = (id: number, streamtype: string): Buffer =>
    synStreamFrame(
      id,
      headers.write(
        new Map([
          ['streamtype', streamtype],
          ['requestid', '0'],
          ['port', '80'],
        ]),
      ),
    );
  client.write(Buffer.concat([open(1, 'error'), open(3, 'data')]));
  await expect.poll(() => signals.length).toBe(1);
  client.write(rstStreamFrame(3, 5));
  await expect.poll(() => signals[0]?.aborted).toBe(true);
  // why: kubectl waits for the end of the error stream before it lets go of the connection
  await expect.poll(() => seen.some((frame) => frame.type === 'data' && frame.streamId === 1 && frame.isLast)).toBe(true);
  ending.abort();
  await serving;
});

it('API-1: the client of a port-forward over WebSocket is asked for a sign of life, and let go of when it has left', async () => {
  const [client, socket] = duplexPair();
  const received: Buffer[] = [];
  client.on('data', (chunk: Buffer) => received.push(chunk));
  const request = requestWith({
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'v4.channel.k8s.io',
  });
  request.method = 'GET';
  const clock = new FakeClock();
  const { promise: upgraded, resolve } = Promise.withResolvers<void>();
  const { promise: connected, resolve: connect } = Promise.withResolvers<AbortSignal>();
  const ending = new AbortController();
  const source: Pick<PodStreamSource, 'connect'> = {
    connect: (_pod, _port, signal) => {
      connect(signal);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new TypeError('gone'))));
    },
  };
  const serving = servePortForward({
    upgrade: { request, socket, head: Buffer.alloc(0) },
    pod: trusted<Pod>({ metadata: { name: 'p' } }),
    query: new URLSearchParams('ports=80'),
    source: trusted<PodStreamSource>(source),
    clock,
    ending,
    upgraded: resolve,
  });
  await upgraded;
  const signal = await connected;
  await clock.step(30_000);
  const ping = Buffer.of(0x89, 0);
  await expect.poll(() => Buffer.concat(received).subarray(-2)).toEqual(ping);
  client.destroy();
  socket.destroy();
  await serving;
  expect(signal.aborted).toBe(true);
  expect(clock.timers).toBe(0);
});
