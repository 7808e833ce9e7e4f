import { describe, expect, it } from 'vitest';
import { PlatformError } from '#kit/errors.ts';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { PodMemory } from './pod-memory.ts';
import { PodQueue } from './pod-queue.ts';

/** Work that waits until the test lets it go on. */
class Work {
  readonly started: string[] = [];
  readonly #waiting: { readonly uid: string; readonly resolve: (delayMs: number | undefined) => void }[] = [];

  readonly run = (uid: string): Promise<number | undefined> => {
    this.started.push(uid);
    return new Promise((resolve) => this.#waiting.push({ uid, resolve }));
  };

  async finish(uid: string, delayMs?: number): Promise<void> {
    const index = this.#waiting.findIndex((waiting) => waiting.uid === uid);
    this.#waiting.splice(index, 1)[0]?.resolve(delayMs);
    await settle();
  }
}

function start(concurrency = 2) {
  const clock = new FakeClock();
  const work = new Work();
  return { clock, work, queue: new PodQueue({ clock, concurrency, work: work.run }) };
}

describe('PodQueue', () => {
  it('never works twice at a time on a pod, and once more for any number of calls meanwhile', async () => {
    const { queue, work } = start();
    for (let call = 0; call < 5; call += 1) queue.wake('a');
    await settle();
    expect(work.started).toEqual(['a']);
    queue.wake('a');
    queue.wake('a');
    await work.finish('a');
    expect(work.started).toEqual(['a', 'a']);
    await work.finish('a');
    expect(work.started).toEqual(['a', 'a']);
  });

  it('works on several pods side by side, but no more than it may', async () => {
    const { queue, work } = start(2);
    for (const uid of ['a', 'b', 'c']) queue.wake(uid);
    await settle();
    expect(work.started).toEqual(['a', 'b']);
    await work.finish('b');
    expect(work.started).toEqual(['a', 'b', 'c']);
  });

  it('looks again when the work asks for it, unless it was woken before', async () => {
    const { queue, work, clock } = start();
    queue.wake('a');
    await work.finish('a', 1_000);
    await clock.step(999);
    expect(work.started).toHaveLength(1);
    await clock.step(1);
    expect(work.started).toHaveLength(2);
    await work.finish('a', 1_000);
    queue.wake('a');
    await work.finish('a');
    await clock.step(5_000);
    expect(work.started).toHaveLength(3);
    expect(clock.timers).toBe(0);
  });

  it('does not let pods that wait for a driver that hangs hold up the others', async () => {
    const { queue, work, clock } = start(2);
    for (const uid of ['hangs', 'hangs too', 'c', 'd', 'e']) queue.wake(uid);
    await clock.step(1_999);
    expect(work.started).toEqual(['hangs', 'hangs too']);
    await clock.step(1);
    expect(work.started).toEqual(['hangs', 'hangs too', 'c', 'd']);
    await work.finish('c');
    await work.finish('d');
    await work.finish('e');
    queue.wake('hangs');
    await settle();
    expect(work.started.filter((uid) => uid === 'hangs')).toHaveLength(1);
    await work.finish('hangs');
    expect(work.started.filter((uid) => uid === 'hangs')).toHaveLength(2);
    await work.finish('hangs');
    await work.finish('hangs too');
    expect(clock.timers).toBe(0);
  });

  it('stops: waits for what runs, starts nothing more, leaves no timer', async () => {
    const { queue, work, clock } = start(1);
    queue.wake('a');
    queue.wake('b');
    await settle();
    let isStopped = false;
    const stopping = queue.stop().then(() => (isStopped = true));
    await settle();
    expect(isStopped).toBe(false);
    await work.finish('a', 1_000);
    await stopping;
    queue.wake('c');
    await clock.step(10_000);
    expect(work.started).toEqual(['a']);
    expect(clock.timers).toBe(0);
  });
});

describe('PodMemory', () => {
  const problem = (reason: string) => new PlatformError({ code: 'NotFound', reason, message: 'none' });

  it.each([
    { reason: 'ErrImagePull', delays: [10_000, 20_000, 40_000], later: 'ImagePullBackOff' },
    { reason: 'CreateContainerConfigError', delays: [500, 1_000, 2_000], later: 'CreateContainerConfigError' },
  ])('$reason is tried again after $delays ms, then called $later', ({ reason, delays, later }) => {
    const memory = new PodMemory();
    const found = delays.map(() => memory.failContainer({ name: 'main' }, problem(reason), 1_000));
    expect(found.map(({ retryAtMs }) => retryAtMs - 1_000)).toEqual(delays);
    expect(found.map((one) => one.reason)).toEqual([reason, later, later]);
  });

  it.each([
    { name: 'another cause', next: { image: 'a', reason: 'CreateContainerConfigError' }, want: 500 },
    { name: 'another image', next: { image: 'b', reason: 'ErrImagePull' }, want: 10_000 },
    { name: 'the same again', next: { image: 'a', reason: 'ErrImagePull' }, want: 80_000 },
  ])('after three tries $name waits for $want ms', ({ next, want }) => {
    const memory = new PodMemory();
    for (let tried = 0; tried < 3; tried += 1) memory.failContainer({ name: 'main', image: 'a' }, problem('ErrImagePull'), 0);
    expect(memory.isHeld({ name: 'main', image: 'a' }, 39_999)).toBe(true);
    expect(memory.isHeld({ name: 'main', image: 'a' }, 40_000)).toBe(false);
    expect(memory.isHeld({ name: 'main', image: 'b' }, 0)).toBe(false);
    expect(memory.failContainer({ name: 'main', image: next.image }, problem(next.reason), 0).retryAtMs).toBe(want);
  });

  it('tries again what stands in a pod’s way at most every two minutes', () => {
    const memory = new PodMemory();
    const delays = Array.from({ length: 12 }, () => memory.failPod(problem('FailedMount'), 0).retryAtMs);
    expect(delays.slice(0, 3)).toEqual([500, 1_000, 2_000]);
    expect(delays.at(-1)).toBe(120_000);
  });

  it('remembers the latest news, and not those of months', () => {
    const memory = new PodMemory();
    for (let run = 0; run <= 1_000; run += 1) memory.noteSpawn(`main/${run}`);
    expect([memory.wasSpawned('main/1000'), memory.wasSpawned('main/1'), memory.wasSpawned('main/0')]).toEqual([true, true, false]);
  });

  it('tells news once', () => {
    const memory = new PodMemory();
    expect([memory.isNews('x'), memory.isNews('x'), memory.isNews('y')]).toEqual([true, false, true]);
    expect(memory.wasSpawned('main/0')).toBe(false);
    memory.noteSpawn('main/0');
    expect(memory.wasSpawned('main/0')).toBe(true);
  });
});
