import type { Clock, Timer } from '#kit/clock.ts';

/** A promise that nobody keeps: what a process waits for that was killed. */
function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

/** A process of the simulation. A killed one does nothing more: its timers don't fire, and whatever it waits for outside never comes. */
export class SimProcess {
  readonly name: string;
  /** Its view of the clock. */
  readonly clock: Clock;
  /** Resolves when it is killed. */
  readonly end: Promise<void>;
  isDead = false;
  readonly #timers = new Set<Timer>();
  readonly #die: () => void;

  constructor(name: string, clock: Clock) {
    this.name = name;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.end = promise;
    this.#die = resolve;
    this.clock = { nowMs: () => clock.nowMs(), after: (delayMs, callback) => this.#after(clock, { delayMs, callback }) };
  }

  /** SIGKILL. */
  kill(): void {
    this.isDead = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#die();
  }

  /** What the process waits for outside of itself. */
  async awaits<T>(outside: () => Promise<T>): Promise<T> {
    if (this.isDead) return never();
    try {
      const answer = await outside();
      return this.isDead ? await never<T>() : answer;
    } catch (thrown) {
      if (this.isDead) return never();
      throw thrown;
    }
  }

  #after(clock: Clock, { delayMs, callback }: { readonly delayMs: number; readonly callback: () => void }): Timer {
    if (this.isDead) return { cancel: () => {} };
    const timer = clock.after(delayMs, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }
}
