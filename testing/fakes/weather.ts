import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

/** Small, fast, and the same for the same seed (mulberry32). */
export function seededRoll(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** Lets writes arrive in any order, and dies at any write: before it or after it, unheard. */
export class Weather {
  readonly #roll: (bound: number) => number;
  /** Writes until the next crash; Infinity = fair weather. */
  untilCrash = Number.POSITIVE_INFINITY;
  isDead = false;

  constructor(roll: (bound: number) => number) {
    this.#roll = roll;
  }

  /** Does `work` in this weather: counts a step of the outside world, such as a driver's call, as a write. @throws PlatformError when it dies here */
  async step<T>(work: () => Promise<T>): Promise<T> {
    return this.#act(work);
  }

  /** The client of a process in this weather. */
  wrap(client: Client): Client {
    const act = <T>(write: () => Promise<T>): Promise<T> => this.#act(write);
    return {
      get: (resource, key) => client.get(resource, key),
      list: (resource, options) => client.list(resource, options),
      watch: (resource, options) => client.watch(resource, options),
      create: (resource, draft, options) => act(() => client.create(resource, draft, options)),
      update: (resource, object, options) => act(() => client.update(resource, object, options)),
      patch: (resource, target, options) => act(() => client.patch(resource, target, options)),
      delete: (resource, key, options) => act(() => client.delete(resource, key, options)),
      bindPod: (pod) => act(() => client.bindPod(pod)),
    };
  }

  async #act<T>(write: () => Promise<T>): Promise<T> {
    for (let pause = this.#roll(4); pause > 0; pause -= 1) await new Promise((resolve) => setImmediate(resolve));
    if (this.isDead) throw processIsDead();
    this.untilCrash -= 1;
    if (this.untilCrash > 0) return write();
    const isDone = this.#roll(2) === 0;
    this.isDead = true;
    if (isDone) await write();
    throw processIsDead();
  }
}

function processIsDead(): PlatformError {
  return new PlatformError({ code: 'Canceled', reason: 'Canceled', message: 'the process is dead', retry: 'never' });
}
