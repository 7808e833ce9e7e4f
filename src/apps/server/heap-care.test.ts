import { expect, it } from 'vitest';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { careForHeap, type Heap, processHeap } from './heap-care.ts';

const MIB = 1024 * 1024;
const PERIOD_MS = 5_000;

/** A heap of `liveMiB` that has grown to `takenMiB`. */
class FakeHeap implements Heap {
  collections = 0;
  takenMiB: number;
  busy = 0;
  readonly #liveMiB: number;

  constructor({ takenMiB, liveMiB }: { readonly takenMiB: number; readonly liveMiB: number }) {
    this.takenMiB = takenMiB;
    this.#liveMiB = liveMiB;
  }

  takenBytes = (): number => this.takenMiB * MIB;
  busyShare = (): number => this.busy;
  collect = (): void => {
    this.collections += 1;
    this.takenMiB = this.#liveMiB;
  };
}

it('collects once after a burst, when it is over, and again only after another', async () => {
  const heap = new FakeHeap({ takenMiB: 400, liveMiB: 100 });
  const clock = new FakeClock();
  const abort = new AbortController();
  heap.busy = 0.9;
  const caring = careForHeap(heap, clock, abort.signal);
  const periods = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) await clock.step(PERIOD_MS);
  };
  await periods(3);
  expect(heap.collections).toBe(0);
  heap.busy = 0.01;
  await periods(3);
  expect(heap.collections).toBe(1);
  heap.takenMiB = 131;
  await periods(3);
  expect(heap.collections).toBe(1);
  heap.takenMiB = 132;
  await periods(3);
  expect(heap.collections).toBe(2);
  abort.abort();
  await settle();
  await caring;
  expect(clock.timers).toBe(0);
});

it('gives back what a process does not need', () => {
  const heap = processHeap();
  let filler: string[] = Array.from({ length: 1_000_000 }, (_, index) => `item ${index}`);
  const before = heap.takenBytes();
  filler = [];
  heap.collect();
  expect(filler).toEqual([]);
  expect(heap.takenBytes()).toBeLessThan(before - 20 * MIB);
  expect(heap.busyShare()).toBeGreaterThanOrEqual(0);
});
