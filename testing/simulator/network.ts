import type { Timer } from '#kit/clock.ts';
import type { SimClock } from './sim-clock.ts';

/** Who reaches the API. */
export class Network {
  readonly #clock: SimClock;
  readonly #cuts = new Map<string, Timer>();
  /** Resolve when the connections of a process break. */
  readonly #breaks = new Map<string, PromiseWithResolvers<void>>();

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  /** A process reaches nobody for so long from now on; what it had open breaks. */
  cut(name: string, ms: number): void {
    this.#cuts.get(name)?.cancel();
    this.#cuts.set(
      name,
      this.#clock.after(ms, () => void this.#cuts.delete(name)),
    );
    this.#breaks.get(name)?.resolve();
    this.#breaks.delete(name);
  }

  /** Everybody reaches everybody. */
  heal(): void {
    for (const timer of this.#cuts.values()) timer.cancel();
    this.#cuts.clear();
  }

  isCut(name: string): boolean {
    return this.#cuts.has(name);
  }

  /** Resolves when the process is cut off next. */
  broken(name: string): Promise<void> {
    const found = this.#breaks.get(name) ?? Promise.withResolvers<void>();
    this.#breaks.set(name, found);
    return found.promise;
  }
}
