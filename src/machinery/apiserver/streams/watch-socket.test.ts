import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { trusted } from '#kit/json.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import type { WatchEncoder } from '../representations/watch-encoder.ts';
import { expired } from '../contract/status-error.ts';
import type { Sent } from '../contract/answers.ts';
import { WatchSocket } from './watch-socket.ts';

const MIB = 1024 * 1024;

/** A client that takes messages one by one, when it is told to. */
class SlowClient extends EventEmitter {
  readonly taken: string[] = [];
  readonly waiting: { readonly text: string; readonly done: () => void }[] = [];
  bufferedAmount = 0;
  closedWith: number | undefined;
  isTerminated = false;

  send(text: string, _options: object, done: () => void): void {
    this.bufferedAmount += text.length;
    this.waiting.push({ text, done });
  }

  async take(count: number): Promise<void> {
    for (let taken = 0; taken < count; taken += 1) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.bufferedAmount -= next.text.length;
      this.taken.push(next.text);
      next.done();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  close(code: number): void {
    this.closedWith = code;
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

const change = (name: string, sizeBytes: number): Sent =>
  // why trusted: nothing else of an entry is looked at
  trusted({ type: 'ADDED', entry: { key: { name }, bytes: { length: sizeBytes } } });

function watchOf() {
  const encode = vi.fn<(event: Sent) => Buffer>((event) =>
    Buffer.from(event.type === 'BOOKMARK' ? 'bookmark\n' : `${event.entry.key.name.padEnd(event.entry.bytes.length)}.\n`),
  );
  const client = new SlowClient();
  const clock = new FakeClock();
  return { sink: new WatchSocket(trusted<WatchEncoder>({ encode }), clock), clock, client, webSocket: trusted<WebSocket>(client), encode };
}

const names = (client: SlowClient): readonly string[] => client.taken.map((text) => text.slice(0, 8).trim());
const initial = Array.from({ length: 40 }, (_, index) => change(`first-${index}`, MIB));

it('API-2: an initial list of any length comes whole, at the pace of the client, and changes behind it', async () => {
  const { sink, client, webSocket, encode } = watchOf();
  sink.onSent(initial);
  sink.open(webSocket);
  sink.onSent([change('later', 10)]);
  expect(encode.mock.calls.length).toBeLessThan(3);
  await client.take(20);
  expect(encode.mock.calls.length).toBeLessThan(23);
  sink.onSent([change('last', 10)]);
  await client.take(100);
  expect(names(client)).toEqual([...initial.map((_, index) => `first-${index}`), 'later', 'last']);
  expect(client).toMatchObject({ isTerminated: false, closedWith: undefined });
});

it('API-2: a client that lags more than 16 MiB of changes behind is dropped', async () => {
  const { sink, client, webSocket } = watchOf();
  sink.onSent(initial);
  sink.open(webSocket);
  for (let index = 0; index < 16; index += 1) sink.onSent([change(`next-${index}`, MIB)]);
  expect(client.isTerminated).toBe(false);
  await client.take(45);
  for (let index = 0; index < 4; index += 1) sink.onSent([change(`more-${index}`, MIB)]);
  expect(client.isTerminated).toBe(false);
  for (let index = 0; index < 4; index += 1) sink.onSent([change(`most-${index}`, MIB)]);
  expect(client.isTerminated).toBe(true);
});

it('API-2: a client that reads nothing more is not waited for longer than 30 s behind the end', async () => {
  const { sink, clock, client, webSocket } = watchOf();
  sink.onSent([change('one', MIB), change('two', MIB)]);
  sink.open(webSocket);
  sink.onEnd();
  await clock.step(29_999);
  expect(client.isTerminated).toBe(false);
  await clock.step(1);
  expect(client.isTerminated).toBe(true);
});

it.each([
  { name: 'its end', end: (sink: WatchSocket) => sink.onEnd(), says: [] },
  {
    name: 'the reason why it can’t go on',
    end: (sink: WatchSocket) => sink.fail(expired('too old resource version: 1 (2)')),
    says: [expect.objectContaining({ type: 'ERROR', object: expect.objectContaining({ code: 410, reason: 'Expired' }) })],
  },
])('API-2: what waits comes before $name', async ({ end, says }) => {
  const { sink, client, webSocket } = watchOf();
  sink.onSent([change('one', MIB), change('two', MIB)]);
  end(sink);
  sink.open(webSocket);
  expect(client.closedWith).toBeUndefined();
  await client.take(10);
  expect(names(client).slice(0, 2)).toEqual(['one', 'two']);
  expect(client.taken.slice(2).map((text): unknown => JSON.parse(text))).toEqual(says);
  expect(client.closedWith).toBe(1000);
});
