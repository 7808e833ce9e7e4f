import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { Precedence } from './precedence.ts';

function start(): {
  readonly clock: FakeClock;
  readonly precedence: Precedence;
  readonly begun: number[];
  readonly ends: (() => void)[];
  work(id: number): void;
} {
  const clock = new FakeClock();
  const precedence = new Precedence({ clock });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (id: number): void =>
    void precedence.giveWay().then((end) => {
      begun.push(id);
      ends.push(end);
    });
  return { clock, precedence, begun, ends, work };
}

describe('requests go before the work of controllers', () => {
  it('begins everything at once while nobody asks', async () => {
    const { begun, work } = start();
    for (const id of [1, 2, 3]) work(id);
    await settle();
    expect(begun).toEqual([1, 2, 3]);
  });

  it('begins one at a time while a client asks, in order, each when the one before has ended', async () => {
    const { precedence, begun, ends, work } = start();
    precedence.enter();
    for (const id of [1, 2, 3]) work(id);
    await settle();
    expect(begun).toEqual([1]);
    ends[0]?.();
    ends[0]?.();
    await settle();
    expect(begun).toEqual([1, 2]);
  });

  it('is held up by none that waits for something else', async () => {
    const { clock, precedence, begun, work } = start();
    precedence.enter();
    for (const id of [1, 2]) work(id);
    await clock.step(10);
    await settle();
    expect(begun).toEqual([1, 2]);
  });

  it('takes a client that comes back at once for the same, and begins everything when it does not', async () => {
    const { clock, precedence, begun, work } = start();
    const first = precedence.enter();
    for (const id of [1, 2, 3]) work(id);
    first();
    await clock.step(4);
    const second = precedence.enter();
    await clock.step(4);
    expect(begun).toEqual([1]);
    second();
    await clock.step(5);
    await settle();
    expect(begun).toEqual([1, 2, 3]);
    expect(clock.timers).toBe(1);
    await clock.step(10);
    expect(clock.timers).toBe(0);
  });
});
