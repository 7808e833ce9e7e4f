import { beforeEach, describe, expect, it } from 'vitest';
import { type ClientFrame, LIVE_HEARTBEAT_MS, type ServerFrame } from '#api/console-frames.ts';
import { said } from '#api/explanation.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';
import type { SocketHandlers } from './live-socket.ts';
import { LiveStore } from './live-store.ts';

const PODS = { resource: 'pods', namespace: 'k-1' };

function anObject(name: string, resourceVersion = '1', owner = ''): KubeObject {
  const metadata = { name, uid: `uid-${name}`, resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z', labels: { owner } };
  return { apiVersion: 'v1', kind: 'Pod', metadata };
}

/** A store whose sockets and frames a test drives by hand. */
class Bench {
  readonly clock = new FakeClock();
  readonly sockets: { readonly handlers: SocketHandlers; readonly sent: ClientFrame[]; isClosed: boolean }[] = [];
  readonly store: LiveStore;
  #frames: (() => void)[] = [];

  constructor() {
    this.store = new LiveStore({
      open: (handlers) => {
        const sent: ClientFrame[] = [];
        const socket = { handlers, sent, isClosed: false };
        this.sockets.push(socket);
        return { send: (text) => socket.sent.push(JSON.parse(text)), close: () => (socket.isClosed = true) };
      },
      clock: this.clock,
      fraction: () => 0.5,
      onNextFrame: (callback) => this.#frames.push(callback),
      indexes: { pods: { owner: (object) => [object.metadata.labels?.['owner'] ?? ''] } },
    });
  }

  get socket() {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new TypeError('no socket was opened');
    return socket;
  }

  online(): void {
    this.socket.handlers.onOpen();
    this.receive({ type: 'hello', nowMs: this.clock.nowMs() + 5_000 });
  }

  receive(frame: ServerFrame): void {
    this.socket.handlers.onText(JSON.stringify(frame));
  }

  draw(): void {
    const frames = this.#frames;
    this.#frames = [];
    for (const frame of frames) frame();
  }

  snapshot(...items: readonly KubeObject[]): void {
    this.receive({ type: 'snapshot', id: 1, isFirst: true, isLast: true, items });
    this.draw();
  }

  names(): readonly string[] {
    return this.store.read(PODS).items.map((object) => object.metadata.name);
  }
}

let bench: Bench;
let told: number;
let leave: () => void;

beforeEach(() => {
  bench = new Bench();
  told = 0;
  leave = bench.store.subscribe(PODS, () => (told += 1));
  bench.store.connect();
});

describe('CON-2: live lists in the browser', () => {
  it('subscribes once for equal queries and shows the snapshot', () => {
    bench.store.subscribe({ ...PODS }, () => {});
    bench.online();
    expect(bench.socket.sent).toEqual([{ type: 'subscribe', id: 1, ...PODS }]);
    expect(bench.store.read(PODS).state).toBe('loading');
    bench.snapshot(anObject('a'));
    expect(bench.store.read(PODS)).toMatchObject({ state: 'ready', problem: undefined });
    expect(bench.names()).toEqual(['a']);
    expect(bench.store.serverNowMs() - bench.clock.nowMs()).toBe(5_000);
  });

  it('publishes many frames once per drawn frame, and nothing in between', () => {
    bench.online();
    bench.snapshot();
    const before = bench.store.read(PODS);
    for (let index = 0; index < 50; index += 1)
      bench.receive({ type: 'delta', id: 1, changes: [{ type: 'upsert', object: anObject(`p-${index}`) }] });
    expect(bench.store.read(PODS)).toBe(before);
    bench.draw();
    expect(told).toBe(2);
    expect(bench.names()).toHaveLength(50);
  });

  it('keeps the data while offline, says since when, and comes back with one snapshot', async () => {
    bench.online();
    bench.snapshot(anObject('a'), anObject('b'));
    const kept = bench.store.read(PODS).items[0];
    const lostAtMs = bench.clock.nowMs();
    bench.socket.handlers.onClose();
    expect(bench.store.link).toEqual({ state: 'offline', lostAtMs });
    expect(bench.names()).toEqual(['a', 'b']);
    await bench.clock.step(1_000);
    expect(bench.sockets).toHaveLength(2);
    bench.online();
    expect(bench.store.link).toEqual({ state: 'online' });
    expect(bench.socket.sent).toEqual([{ type: 'subscribe', id: 1, ...PODS }]);
    bench.snapshot(anObject('a'), anObject('c'));
    expect(bench.names()).toEqual(['a', 'c']);
    expect(bench.store.read(PODS).items[0]).toBe(kept);
  });

  it('takes a snapshot in parts and drops what was not in it only at its end', () => {
    bench.online();
    bench.snapshot(anObject('old'));
    bench.receive({ type: 'snapshot', id: 1, isFirst: true, isLast: false, items: [anObject('a')] });
    bench.draw();
    expect(bench.names()).toContain('old');
    bench.receive({ type: 'snapshot', id: 1, isFirst: false, isLast: true, items: [anObject('b')] });
    bench.draw();
    expect(bench.names()).toEqual(['a', 'b']);
  });

  it('tries for ever, with growing delays that end at 15 s', async () => {
    for (let attempt = 0; attempt < 12; attempt += 1) {
      bench.socket.handlers.onClose();
      await bench.clock.step(15_000);
    }
    expect(bench.sockets).toHaveLength(13);
  });

  it('gives up a silent socket and heeds nothing that it says later', async () => {
    bench.online();
    bench.snapshot(anObject('a'));
    const silent = bench.socket;
    await bench.clock.step(LIVE_HEARTBEAT_MS + 5_000);
    expect(silent.isClosed).toBe(true);
    expect(bench.store.link.state).toBe('offline');
    silent.handlers.onText(JSON.stringify({ type: 'delta', id: 1, changes: [{ type: 'delete', uid: 'uid-a' }] }));
    bench.draw();
    expect(bench.names()).toEqual(['a']);
  });

  it('beats its heart', async () => {
    bench.online();
    await bench.clock.step(LIVE_HEARTBEAT_MS);
    expect(bench.socket.sent).toContainEqual({ type: 'ping' });
  });

  it.each([
    {
      name: 'denied',
      frame: { type: 'denied', id: 1, words: said('no') } as const,
      problem: { type: 'denied', reason: 'Forbidden', words: said('no') },
    },
    {
      name: 'error',
      frame: { type: 'error', id: 1, reason: 'Unavailable', words: said('down') } as const,
      problem: { type: 'error', reason: 'Unavailable', words: said('down') },
    },
  ])('shows $name beside the last data, until the next snapshot', ({ frame, problem }) => {
    bench.online();
    bench.snapshot(anObject('a'));
    bench.receive(frame);
    bench.draw();
    expect(bench.store.read(PODS)).toMatchObject({ state: 'stale', problem });
    expect(bench.names()).toEqual(['a']);
    bench.snapshot(anObject('a'));
    expect(bench.store.read(PODS)).toMatchObject({ state: 'ready', problem: undefined });
  });

  it('leaves a list some seconds after its last page, not at once', async () => {
    bench.online();
    leave();
    await bench.clock.step(5_000);
    expect(bench.socket.sent).toHaveLength(1);
    await bench.clock.step(6_000);
    expect(bench.socket.sent).toContainEqual({ type: 'unsubscribe', id: 1 });
  });

  it('keeps an index whose groups stay the same array until they change', () => {
    bench.online();
    bench.snapshot(anObject('a', '1', 'x'), anObject('b', '1', 'y'));
    const list = bench.store.read(PODS);
    const groupY = list.byIndex('owner', 'y');
    bench.receive({ type: 'delta', id: 1, changes: [{ type: 'upsert', object: anObject('a', '2', 'z') }] });
    bench.draw();
    const next = bench.store.read(PODS);
    expect(next.byIndex('owner', 'x')).toEqual([]);
    expect(next.byIndex('owner', 'z').map((object) => object.metadata.name)).toEqual(['a']);
    expect(next.byIndex('owner', 'y')).toBe(groupY);
  });
});
