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

/** A client that asks in a row. */
function askInARow(precedence: Precedence): void {
  for (let request = 0; request < 3; request += 1) precedence.enter()();
}

describe('requests go before the work of controllers', () => {
  it('begins everything at once while nobody asks', async () => {
    const { begun, work } = start();
    await work(1, 2, 3);
    expect(begun).toEqual([1, 2, 3]);
  });

  it('begins one piece for each request that was answered, in order', async () => {
    const { precedence, begun, work } = start();
    askInARow(precedence);
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
    askInARow(precedence);
    const ended = precedence.enter();
    await work(...Array.from({ length: 40 }, (_, id) => id));
    ended();
    await settle();
    expect(begun).toEqual([0, 1, 2]);
  });

  it('takes a client that asks in a row for the same when it comes back at once, and begins everything when it does not', async () => {
    const { clock, precedence, begun, work } = start();
    for (let request = 0; request < 3; request += 1) {
      precedence.enter()();
      await clock.step(4);
    }
    await work(1, 2, 3);
    expect(begun).toEqual([]);
    await clock.step(1);
    await settle();
    expect(begun).toEqual([1, 2, 3]);
    expect(clock.timers).toBe(0);
  });

  it.each([
    { name: 'one request alone', pausesMs: [] },
    { name: 'two in a row', pausesMs: [1] },
    { name: 'three with a pause between', pausesMs: [1, 5] },
  ])('holds nothing back after $name: its client waits for what the controllers make of it', async ({ pausesMs }) => {
    const { clock, precedence, begun, work } = start();
    precedence.enter()();
    for (const pauseMs of pausesMs) {
      await clock.step(pauseMs);
      precedence.enter()();
    }
    await work(1, 2, 3);
    expect(begun).toEqual([1, 2, 3]);
    expect(clock.timers).toBe(0);
  });
});
