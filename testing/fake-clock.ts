import type { Clock, Timer } from '#kit/clock.ts';

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test steps it. */
export class FakeClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(startMs = Date.parse('2026-01-01T00:00:00Z')) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    this.#order += 1;
    const pending = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, callback };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#pending.size;
  }

  /** Moves time forward, running each timer that comes due at its own time, and lets promises settle in between. */
  async step(deltaMs: number): Promise<void> {
    const endMs = this.#nowMs + deltaMs;
    for (;;) {
      await settle();
      const due = this.#firstUntil(endMs);
      if (due === undefined) break;
      this.#pending.delete(due);
      this.#nowMs = due.atMs;
      due.callback();
    }
    this.#nowMs = endMs;
    await settle();
  }

  #firstUntil(endMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.atMs > endMs) continue;
      if (first === undefined || pending.atMs < first.atMs || (pending.atMs === first.atMs && pending.order < first.order)) first = pending;
    }
    return first;
  }
}

/** Lets everything that waits only for promises and immediates run. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
