import type { Clock } from '#kit/clock.ts';
import { Limiter } from '#kit/limiter.ts';

/** Lets a number of works begin side by side; one that takes longer than it is waited for gives its place to the next, and goes on. */
export class PatientLimiter {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #limiter: Limiter;

  constructor(options: { readonly clock: Clock; readonly limit: number; readonly patienceMs: number }) {
    this.#clock = options.clock;
    this.#patienceMs = options.patienceMs;
    this.#limiter = new Limiter(options.limit);
  }

  /** Runs `work` as soon as a place is free, and returns its result. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    void this.#limiter.run(async () => {
      const running = work();
      running.then(resolve, reject);
      await this.#endOrPatience(running);
    });
    return promise;
  }

  async #endOrPatience(running: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(this.#patienceMs, resolve);
    await Promise.race([running.catch(() => {}), promise]);
    timer.cancel();
  }
}
