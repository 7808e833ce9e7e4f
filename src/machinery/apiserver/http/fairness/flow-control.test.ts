import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { FlowControl, type FlowLimits, type Leave } from './flow-control.ts';

const LIMITS: FlowLimits = { seats: 4, seatsPerFlow: 3, startsPerTurn: 100, waitingPerFlow: 50, waiting: 80, maxWaitMs: 15_000 };

describe('API-1: one flow does not starve the others', () => {
  let clock: FakeClock;
  let turns: (() => void)[];
  let flows: FlowControl;
  let rejected: string[];
  let order: string[];
  let leaves: Leave[];
  const stay = (): void => {};
  const make = (limits: Partial<FlowLimits> = {}): void => {
    turns = [];
    rejected = [];
    order = [];
    leaves = [];
    clock = new FakeClock();
    flows = new FlowControl({
      limits: { ...LIMITS, ...limits },
      clock,
      nextTurn: (callback) => void turns.push(callback),
      observer: { dispatched: () => {}, rejected: (reason) => void rejected.push(reason) },
    });
  };
  const endTurn = (): void => turns.splice(0).forEach((callback) => callback());
  const ask = (name: string): void => {
    const entered = flows.enter(name, stay);
    const note = (leave: Leave): void => {
      order.push(name);
      leaves.push(leave);
    };
    if (entered instanceof Promise) entered.then(note, () => {});
    else note(entered);
  };
  const finishOne = async (): Promise<void> => {
    leaves.shift()?.();
    await settle();
  };
  beforeEach(() => make());

  it('lets in at once while there is room', () => {
    for (const name of ['a', 'b', 'c', 'd']) expect(flows.enter(name, stay)).toBeTypeOf('function');
    expect([flows.executing, flows.waiting]).toEqual([4, 0]);
  });

  it('keeps seats free beside a flood', () => {
    for (let count = 0; count < 40; count += 1) ask('flood');
    expect(order).toEqual(['flood', 'flood', 'flood']);
    ask('polite');
    expect(order.at(-1)).toBe('polite');
  });

  it('lets flows take turns, whatever their queues hold', async () => {
    for (const name of ['flood', 'other']) for (let count = 0; count < 30; count += 1) ask(name);
    ask('polite');
    order.length = 0;
    for (let count = 0; count < 6; count += 1) await finishOne();
    expect(order.slice(0, 3)).toContain('polite');
    expect(order.filter((name) => name === 'polite')).toHaveLength(1);
    expect(order.filter((name) => name === 'other').length).toBeGreaterThanOrEqual(2);
  });

  it('gives each of many flows one turn before any has a second', async () => {
    make({ seats: 1, seatsPerFlow: 1 });
    ask('first');
    for (let count = 0; count < 20; count += 1) ask('flood');
    for (const name of ['a', 'b', 'c']) ask(name);
    order.length = 0;
    for (let count = 0; count < 5; count += 1) await finishOne();
    expect(order).toEqual(['flood', 'a', 'b', 'c', 'flood']);
  });

  it('starts only so many of a flow before others are heard', async () => {
    make({ seats: 100, seatsPerFlow: 100, startsPerTurn: 2 });
    for (let count = 0; count < 5; count += 1) ask('flood');
    expect(order).toEqual(['flood', 'flood']);
    while (leaves.length > 0) await finishOne();
    expect(order).toHaveLength(2);
    endTurn();
    ask('polite');
    await settle();
    expect(order).toEqual(['flood', 'flood', 'polite', 'flood', 'flood']);
    endTurn();
    await settle();
    expect(order.filter((name) => name === 'flood')).toHaveLength(5);
  });

  it('refuses what no queue holds, and only that flow', () => {
    for (let count = 0; count < 53; count += 1) ask('flood');
    expect(() => flows.enter('flood', stay)).toThrow(
      expect.objectContaining({ code: 'ResourceExhausted', details: { retryAfterSeconds: 1 } }),
    );
    expect(rejected).toEqual(['queue-full']);
    expect(flows.enter('polite', stay)).toBeTypeOf('function');
  });

  it('bounds what waits altogether', () => {
    for (let flow = 0; flow < 84; flow += 1) ask(`user-${flow}`);
    expect(flows.waiting).toBe(80);
    expect(() => flows.enter('one-more', stay)).toThrow('too many requests wait already');
  });

  it('refuses what waited too long, and counts it', async () => {
    for (let count = 0; count < 3; count += 1) ask('flood');
    const late = expect(flows.enter('flood', stay)).rejects.toMatchObject({ code: 'ResourceExhausted' });
    await clock.step(LIMITS.maxWaitMs);
    await late;
    expect([rejected, flows.waiting]).toEqual([['time-out'], 0]);
  });

  it('forgets who went away while he waited', async () => {
    for (let count = 0; count < 3; count += 1) ask('flood');
    let goAway = stay;
    const waiting = expect(flows.enter('flood', (listener) => void (goAway = listener))).rejects.toMatchObject({ code: 'Canceled' });
    goAway();
    await waiting;
    expect([flows.waiting, clock.timers]).toEqual([0, 0]);
    goAway();
    expect(flows.waiting).toBe(0);
  });

  it('ends with nothing held, whatever the order', async () => {
    for (let count = 0; count < 40; count += 1) ask(`user-${count % 3}`);
    while (leaves.length > 0) {
      await finishOne();
      endTurn();
      await settle();
    }
    expect([order.length, flows.executing, flows.waiting, clock.timers]).toEqual([40, 0, 0, 0]);
  });
});
