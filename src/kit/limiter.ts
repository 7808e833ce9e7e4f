/** Lets at most `limit` works run at a time; the rest wait in order of arrival. */
export class Limiter {
  readonly #limit: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `work` as soon as a place is free, and returns its result. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // why: a waiter takes over the place, so the count stays as it is
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
