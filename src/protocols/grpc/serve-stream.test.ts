import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, constants, createServer, type Http2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ClientReadableStream, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlatformError } from '#kit/errors.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { frameOf, parseTimeout, statusMessage } from './frames.ts';
import { isGrpc, serveStream, type StreamCall } from './serve-stream.ts';

const MAX_MS = 600_000;
const encode = (value: unknown): Buffer => Buffer.from(String(value));
const decode = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

let dir: string;
let server: Http2Server;
let client: Client;
let clock: FakeClock;
let seen: StreamCall | undefined;
let made: number;
let began: PromiseWithResolvers<void>;
let ended: PromiseWithResolvers<PlatformError | undefined>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'grpc-'));
  clock = new FakeClock();
  made = 0;
  ended = Promise.withResolvers();
  began = Promise.withResolvers();
  server = createServer();
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    if (isGrpc(request)) void serveStream({ decode, encode, open }, { request, response, clock, maxMs: MAX_MS }).then(ended.resolve);
    else response.writeHead(415).end();
    began.resolve();
  });
  server.listen(join(dir, 's'));
  await once(server, 'listening');
  client = new Client(`unix:${join(dir, 's')}`, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1 });
});
afterEach(async () => {
  client.close();
  await new Promise((resolve) => server.close(resolve));
  await rm(dir, { recursive: true });
});

/** What a call does is what it asks for. */
async function* open(question: unknown, call: StreamCall): AsyncGenerator<string> {
  seen = call;
  switch (question) {
    case 'refused':
      throw new PlatformError({ code: 'NotFound', reason: 'None', message: 'no é, 100 %' });
    case 'bug':
      throw new TypeError('x is undefined');
    case 'none':
      return;
    case 'half':
      yield 'one';
      throw new PlatformError({ code: 'Unavailable', reason: 'Gone', message: 'gone' });
    case 'endless':
      for (;;) {
        made += 1;
        yield 'x'.repeat(100_000);
      }
    case 'silent':
      await new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(new Error('ended')), { once: true }));
      return;
    default:
      yield* ['one', 'two', String(question)];
  }
}

function call(question: string, deadline?: Date): ClientReadableStream<string> {
  return client.makeServerStreamRequest('/s/M', encode, decode, question, deadline === undefined ? {} : { deadline });
}

async function answerOf(question: string): Promise<{ readonly messages: readonly string[]; readonly error?: ServiceError }> {
  const stream = call(question);
  const messages: string[] = [];
  stream.on('data', (message: string) => messages.push(message));
  return new Promise((resolve) => {
    stream.on('error', (error: ServiceError) => resolve({ messages, error }));
    stream.on('end', () => resolve({ messages }));
  });
}

describe('a gRPC call over HTTP/2', () => {
  it('SNAP-9: is answered message by message', async () => {
    expect(await answerOf('three')).toEqual({ messages: ['one', 'two', 'three'] });
    expect(await answerOf('none')).toEqual({ messages: [] });
  });

  it.each([
    { question: 'refused', messages: [], code: status.NOT_FOUND, details: 'no é, 100 %' },
    { question: 'bug', messages: [], code: status.INTERNAL, details: 'x is undefined' },
    { question: 'half', messages: ['one'], code: status.UNAVAILABLE, details: 'gone' },
    { question: 'x'.repeat(70_000), messages: [], code: status.RESOURCE_EXHAUSTED, details: 'the request is larger than 65536 bytes' },
  ])('SNAP-9: ends with $code where it is to', async ({ question, messages, code, details }) => {
    const answer = await answerOf(question);
    expect(answer).toMatchObject({ messages, error: { code, details: expect.stringContaining(details) } });
  });

  it('SNAP-9: is made no faster than it is taken, and ends when the caller goes', async () => {
    // why not grpc-js: it takes whatever comes, also while nobody reads
    const session = connect('http://localhost', { createConnection: () => connectSocket(join(dir, 's')) });
    const stream = session.request({ ':method': 'POST', ':path': '/s/M', 'content-type': 'application/grpc' });
    stream.end(frameOf(Buffer.from('endless')));
    await once(stream, 'response');
    let before = -1;
    // why until it stands still: what fits into the buffers of the two ends is made
    while (made !== before) {
      before = made;
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(made).toBeLessThan(20);
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await ended.promise).toMatchObject({ code: 'Canceled' });
    session.destroy();
  });

  it('SNAP-9: is not waited for where it does not come', async () => {
    const session = connect('http://localhost', { createConnection: () => connectSocket(join(dir, 's')) });
    const stream = session.request({ ':method': 'POST', ':path': '/s/M', 'content-type': 'application/grpc' });
    stream.write(frameOf(Buffer.from('three')).subarray(0, 4));
    const trailers = once(stream, 'trailers');
    stream.resume();
    await began.promise;
    await clock.step(10_000);
    expect((await trailers)[0]).toMatchObject({ 'grpc-status': '4', 'grpc-message': 'the request has not come whole within 10 s' });
    expect(await ended.promise).toMatchObject({ code: 'DeadlineExceeded' });
    session.destroy();
  });

  it('SNAP-9: takes no longer than it may, whatever the caller says', async () => {
    const stream = call('silent');
    const failed = once(stream, 'error').catch((error: unknown) => error);
    const error = new Promise<ServiceError>((resolve) => stream.on('error', resolve));
    while (seen === undefined || seen.signal.aborted) await new Promise((resolve) => setImmediate(resolve));
    expect(seen.timeoutMs).toBe(MAX_MS);
    await clock.step(MAX_MS);
    expect(await error).toMatchObject({
      code: status.DEADLINE_EXCEEDED,
      details: 'the call has taken 600 s: go on from the last offset that came',
    });
    await failed;
    seen = undefined;
    const sooner = call('silent', new Date(Date.now() + 30_000));
    sooner.on('error', () => {});
    while (seen === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(trustedTimeout(seen)).toBeLessThanOrEqual(30_000);
    sooner.cancel();
    await ended.promise;
  });
});

function trustedTimeout(call: StreamCall | undefined): number {
  return call?.timeoutMs ?? Number.NaN;
}

it.each([
  { text: '10S', ms: 10_000 },
  { text: '2M', ms: 120_000 },
  { text: '500m', ms: 500 },
  { text: '', ms: undefined },
  { text: '123456789S', ms: undefined },
  { text: '5x', ms: undefined },
])('SNAP-9: a grpc-timeout of $text is $ms ms', ({ text, ms }) => {
  expect(parseTimeout(text)).toBe(ms);
});

it('SNAP-9: a status message is what a header may hold', () => {
  expect(statusMessage('100 %\né')).toBe('100 %25%0A%C3%A9');
});
