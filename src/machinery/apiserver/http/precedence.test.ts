import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { Precedence } from './precedence.ts';

function start(): {
  readonly clock: FakeClock;
  readonly precedence: Precedence;
  readonly begun: number[];
  work(...ids: readonly number[]): Promise<void>;
} {
  const clock = new FakeClock();
  const precedence = new Precedence({ clock });
  const begun: number[] = [];
  const work = async (...ids: readonly number[]): Promise<void> => {
    for (const id of ids) void precedence.turn().then(() => begun.push(id));
    await settle();
  };
  return { clock, precedence, begun, work };
}

describe('requests go before the work of controllers', () => {
  it('begins everything at once while nobody asks', async () => {
    const { begun, work } = start();
    await work(1, 2, 3);
    expect(begun).toEqual([1, 2, 3]);
  });

  it('begins one piece for each request that was answered, in order', async () => {
    const { precedence, begun, work } = start();
    const [first, second] = [precedence.enter(), precedence.enter()];
    await work(1, 2, 3);
    expect(begun).toEqual([]);
    first();
    first();
    await settle();
    expect(begun).toEqual([1]);
    second();
    await settle();
    expect(begun).toEqual([1, 2]);
  });

  it('is held up by no request that takes long', async () => {
    const { clock, precedence, begun, work } = start();
    precedence.enter();
    await work(1, 2);
    await clock.step(2);
    expect(begun).toEqual([1]);
    await clock.step(2);
    expect(begun).toEqual([1, 2]);
    expect(clock.timers).toBe(0);
  });

  it('begins several together where many wait', async () => {
    const { precedence, begun, work } = start();
    const ended = precedence.enter();
    await work(...Array.from({ length: 40 }, (_, id) => id));
    ended();
    await settle();
    expect(begun).toEqual([0, 1, 2]);
  });

  it('takes a client that comes back at once for the same, and begins everything when it does not', async () => {
    const { clock, precedence, begun, work } = start();
    const first = precedence.enter();
    first();
    await clock.step(4);
    const second = precedence.enter();
    second();
    await clock.step(4);
    await work(1, 2, 3);
    expect(begun).toEqual([]);
    await clock.step(1);
    await settle();
    expect(begun).toEqual([1, 2, 3]);
    expect(clock.timers).toBe(0);
  });
});
