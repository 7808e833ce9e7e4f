import { expect, it } from 'vitest';
import { FakeClock } from '#testing/fake-clock.ts';
import { seededRoll } from '#testing/fakes/weather.ts';
import { WorkQueue } from './work-queue.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const LANES = ['x', 'y', 'z'] as const;
const CONCURRENCY = 2;
const ROUNDS = 500;
const STEPS = 60;
const SEED = 20_261_121;

/** Tells of each key that is added, also of those whose time has come. */
class TellingQueue extends WorkQueue {
  onAdd: (key: string) => void = () => {};

  override add(key: string): void {
    this.onAdd(key);
    super.add(key);
  }
}

/** A queue under random events, and what its observer and its work tell of it. */
class Bench {
  readonly clock = new FakeClock();
  readonly waiting = new Set<string>();
  /** Keys that are worked on, each with the lane that it was of when that began. */
  readonly running = new Map<string, { readonly lane: string; readonly end: () => void }>();
  readonly #roll: (bound: number) => number;
  readonly #lanes = new Map<string, string>();
  /** The lane that a key was of when the queue last heard of it, or asked. */
  readonly #toldLanes = new Map<string, string>();
  readonly queue = new TellingQueue({
    clock: this.clock,
    concurrency: CONCURRENCY,
    laneOf: (key) => this.#notice(key),
    priorityOf: (key) => key.length,
    observer: { depth() {}, added: (key) => this.waiting.add(key), started: (key) => this.waiting.delete(key), ended() {}, retried() {} },
    work: (key) => {
      expect(this.running.has(key), `${key} is worked on twice at a time`).toBe(false);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.running.set(key, { lane: this.#laneOf(key), end: resolve });
      return promise;
    },
  });

  constructor(roll: (bound: number) => number) {
    this.#roll = roll;
    this.queue.onAdd = (key) => this.#notice(key);
    this.queue.start();
  }

  async step(): Promise<void> {
    const key = this.#pick(KEYS);
    const actions: readonly (() => unknown)[] = [
      () => this.queue.add(key),
      () => this.queue.add(key),
      () => this.queue.addAfter(key, 5),
      () => this.queue.retry(key),
      () => this.#end(this.#pick([...this.running.keys(), key])),
      () => this.#end(this.#pick([...this.running.keys(), key])),
      () => this.#lanes.set(key, this.#pick(LANES)),
      () => {
        // why both: a controller is told of the change of an object that makes it another lane's
        this.#lanes.set(key, this.#pick(LANES));
        this.queue.add(key);
      },
      () => this.clock.step(5),
    ];
    await this.#pick(actions)();
  }

  /** Keys that wait although nobody works on them, and both their lane and the one that the queue knows have a free worker. */
  forgotten(): readonly string[] {
    return [...this.waiting].filter(
      (key) => !this.running.has(key) && this.#isFree(this.#laneOf(key)) && this.#isFree(this.#toldLanes.get(key) ?? ''),
    );
  }

  /** Ends every work that has begun. */
  endAll(): void {
    for (const key of this.running.keys()) this.#end(key);
  }

  #end(key: string): void {
    const work = this.running.get(key);
    this.running.delete(key);
    work?.end();
  }

  #notice(key: string): string {
    const lane = this.#laneOf(key);
    this.#toldLanes.set(key, lane);
    return lane;
  }

  #laneOf(key: string): string {
    return this.#lanes.get(key) ?? LANES[0];
  }

  #isFree(lane: string): boolean {
    return [...this.running.values()].filter((work) => work.lane === lane).length < CONCURRENCY;
  }

  #pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
    const chosen = choices[this.#roll(choices.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }
}

/** Turns enough for everything that waits for promises only; immediates would cost a hundred times as much. */
async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

it('CLASS-6: leaves no key waiting while its lane has a free worker, works on none twice at a time, and comes to rest, in whatever order things happen', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const roll = seededRoll(SEED + round);
    const bench = new Bench(roll);
    for (let count = 0; count < STEPS; count += 1) {
      await bench.step();
      // why not always: several things may happen in one turn
      if (roll(3) === 0) continue;
      await microtasks();
      expect(bench.forgotten(), `round ${round}, step ${count}`).toEqual([]);
    }
    // why: what is delayed comes due, and once every work has ended nothing may be left
    await bench.clock.step(10_000);
    for (let turn = 0; !bench.queue.isIdle && turn < KEYS.length * 2; turn += 1) {
      bench.endAll();
      await microtasks();
    }
    expect(bench.queue.isIdle, `round ${round}`).toBe(true);
    expect([...bench.waiting], `round ${round}`).toEqual([]);
  }
});
