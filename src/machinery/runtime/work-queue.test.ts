import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { WorkQueue } from './work-queue.ts';

interface Bench {
  readonly clock: FakeClock;
  readonly queue: WorkQueue;
  /** Keys in the order in which work on them began. */
  readonly begun: string[];
  /** Ends the oldest running work of `key`. */
  readonly end: (key: string) => Promise<void>;
  readonly depths: number[];
}

function aQueue(concurrency: number, laneOf?: (key: string) => string): Bench {
  const clock = new FakeClock();
  const begun: string[] = [];
  const depths: number[] = [];
  const running = new Map<string, () => void>();
  const queue = new WorkQueue({
    clock,
    concurrency,
    laneOf,
    observer: { depth: (keys) => depths.push(keys), added() {}, started() {}, ended() {}, retried() {} },
    work: (key) => {
      if (running.has(key)) throw new Error(`${key} is worked on twice at a time`);
      begun.push(key);
      return new Promise((resolve) =>
        running.set(key, () => {
          running.delete(key);
          resolve();
        }),
      );
    },
  });
  queue.start();
  const end = async (key: string): Promise<void> => {
    running.get(key)?.();
    await settle();
  };
  return { clock, queue, begun, end, depths };
}

describe('WorkQueue', () => {
  it('works on a key once however often it was added before', async () => {
    const { queue, begun, end } = aQueue(4);
    queue.add('a');
    queue.add('a');
    queue.add('a');
    await settle();
    await end('a');
    expect(begun).toEqual(['a']);
  });

  it('works again on a key that was added while it was worked on, afterwards', async () => {
    const { queue, begun, end } = aQueue(4);
    queue.add('a');
    await settle();
    queue.add('a');
    queue.add('a');
    await settle();
    expect(begun).toEqual(['a']);
    await end('a');
    expect(begun).toEqual(['a', 'a']);
    await end('a');
    expect(begun).toEqual(['a', 'a']);
  });

  it('keeps to its concurrency, in order of arrival, past keys that are busy', async () => {
    const { queue, begun, end } = aQueue(2);
    for (const key of ['a', 'b', 'a', 'c']) {
      queue.add(key);
      await settle();
    }
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'c', 'a']);
  });

  it('CLASS-6: gives each lane its own workers, so that one that hangs holds up nobody else', async () => {
    const { queue, begun, end } = aQueue(2, (key) => key.slice(0, 1));
    for (const key of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'c1']) queue.add(key);
    await settle();
    expect(begun).toEqual(['a1', 'a2', 'b1', 'b2', 'c1']);
    await end('b1');
    expect(begun.slice(5)).toEqual(['b3']);
    await end('a2');
    expect(begun.slice(6)).toEqual(['a3']);
    for (const key of ['a1', 'a3', 'a4', 'b2', 'b3', 'c1']) await end(key);
    expect(begun).toHaveLength(8);
    expect(queue.isIdle).toBe(true);
  });

  it('works on a key in the lane that it is of when its turn comes', async () => {
    let lane = 'slow';
    const { queue, begun, end } = aQueue(1, (key) => (key === 'moves' ? lane : 'slow'));
    queue.add('first');
    queue.add('moves');
    await settle();
    expect(begun).toEqual(['first']);
    lane = 'other';
    queue.add('moves');
    queue.add('last');
    await end('first');
    expect(begun.toSorted()).toEqual(['first', 'last', 'moves']);
    await end('last');
    await end('moves');
    expect(queue.isIdle).toBe(true);
  });

  it('works on a key that moves into a lane which was looked at before, although nothing else happens', async () => {
    let lane = 'slow';
    const { queue, begun } = aQueue(2, (key) => (key === 'moves' ? lane : 'other'));
    queue.add('held');
    await settle();
    queue.add('moves');
    lane = 'other';
    await settle();
    expect(begun).toEqual(['held', 'moves']);
  });

  it('CLASS-6: works at once on a key that changes into another lane while its own hangs', async () => {
    let lane = 'hangs';
    const { queue, begun, end } = aQueue(1, (key) => (key === 'moves' ? lane : 'hangs'));
    queue.add('held');
    queue.add('moves');
    await settle();
    lane = 'other';
    queue.add('moves');
    await settle();
    expect(begun).toEqual(['held', 'moves']);
    await end('held');
    await end('moves');
    expect(begun).toEqual(['held', 'moves']);
    expect(queue.isIdle).toBe(true);
  });

  it('brings a delayed key when its time comes, and the earlier of two delays counts', async () => {
    const { clock, queue, begun } = aQueue(1);
    queue.addAfter('a', 1000);
    queue.addAfter('a', 5000);
    queue.addAfter('b', 5000);
    queue.addAfter('b', 2000);
    await clock.step(999);
    expect(begun).toEqual([]);
    await clock.step(1);
    expect(begun).toEqual(['a']);
    expect(clock.timers).toBe(1);
  });

  it('forgets the delay of a key when work on it begins', async () => {
    const { clock, queue, begun, end } = aQueue(1);
    queue.addAfter('a', 1000);
    queue.add('a');
    await settle();
    await end('a');
    await clock.step(10_000);
    expect(begun).toEqual(['a']);
  });

  it('waits longer with each retry, and starts over after forget', async () => {
    const { clock, queue } = aQueue(1);
    const delays: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const startMs = clock.nowMs();
      expect(queue.retry(`key`)).toBe(attempt + 1);
      while (clock.timers > 0) await clock.step(1);
      delays.push(clock.nowMs() - startMs);
    }
    expect(delays).toEqual([5, 10, 20, 40]);
    queue.forget('key');
    expect(queue.retry('key')).toBe(1);
  });

  it('stops: drops what waits, leaves no timer, and waits for what runs', async () => {
    const { clock, queue, begun, end, depths } = aQueue(1);
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 1000);
    await settle();
    let isStopped = false;
    const stopped = queue.stop().then(() => {
      isStopped = true;
    });
    queue.add('d');
    await settle();
    expect(isStopped).toBe(false);
    await end('a');
    await stopped;
    expect(begun).toEqual(['a']);
    expect(clock.timers).toBe(0);
    expect(depths.at(-1)).toBe(0);
  });

  it('is idle once it is stopped, also for those who asked while keys waited', async () => {
    const queue = new WorkQueue({ clock: new FakeClock(), concurrency: 1, work: async () => {} });
    queue.add('a');
    const idle = queue.idle();
    await queue.stop();
    await idle;
    expect(queue.depth).toBe(0);
  });

  it('is idle when nothing waits and nothing runs', async () => {
    const { queue, end } = aQueue(1);
    queue.add('a');
    await settle();
    let isIdle = false;
    const idle = queue.idle().then(() => {
      isIdle = true;
    });
    await settle();
    expect(isIdle).toBe(false);
    await end('a');
    await idle;
  });
});
