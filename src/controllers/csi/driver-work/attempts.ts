import type { Clock } from '#kit/clock.ts';
import { backoffMs, type BackoffPolicy } from '#kit/retry.ts';

/** Waits between tries for one object: 1 s doubling to 5 min (external-provisioner's `--retry-interval-start` and `-max`). */
const BACKOFF: BackoffPolicy = { initialMs: 1_000, maxMs: 300_000, factor: 2 };

/** Whose tries count together: those for one object and one wish. */
export interface Attempt {
  /** The controller's key of the object. */
  readonly key: string;
  readonly uid: string;
  /** What is tried: another wish is tried at once, and waits from then on as long as the failures before it say. */
  readonly wish: string;
  /** Tries to get rid of something count apart from those to make it: what can't be made for long must be deletable at once. */
  readonly purpose?: 'make' | 'cleanUp';
}

interface Failed {
  readonly attempt: Attempt;
  readonly count: number;
  readonly notBeforeMs: number;
}

/**
 * When what failed may be tried again, however often it is woken meanwhile. Lost with the process: then everything may be tried at once.
 * Memory is bounded by the number of objects that failed and still exist.
 */
export class Attempts {
  readonly #clock: Clock;
  readonly #failed = { make: new Map<string, Failed>(), cleanUp: new Map<string, Failed>() };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the next try; 0 = now. An object that was made anew, or another wish, starts anew. */
  waitMs(attempt: Attempt): number {
    const failed = this.#of(attempt).get(attempt.key);
    if (failed === undefined || failed.attempt.uid !== attempt.uid || failed.attempt.wish !== attempt.wish) return 0;
    return Math.max(0, failed.notBeforeMs - this.#clock.nowMs());
  }

  /** Notes a failure, and answers how long to wait. `isInfeasible`: the longest time at once. */
  failed(attempt: Attempt, { isInfeasible }: { readonly isInfeasible: boolean }): number {
    const before = this.#of(attempt).get(attempt.key);
    const count = before?.attempt.uid === attempt.uid ? before.count : 0;
    const delayMs = isInfeasible ? BACKOFF.maxMs : backoffMs(BACKOFF, count);
    this.#of(attempt).set(attempt.key, { attempt, count: count + 1, notBeforeMs: this.#clock.nowMs() + delayMs });
    return delayMs;
  }

  /** What failed and waits, for whatever purpose, each key once. */
  keys(): readonly string[] {
    return [...new Set([...this.#failed.make.keys(), ...this.#failed.cleanUp.keys()])];
  }

  /** The next failure of this object is its first, for whatever purpose. */
  forget(key: string): void {
    this.#failed.make.delete(key);
    this.#failed.cleanUp.delete(key);
  }

  #of({ purpose = 'make' }: Attempt): Map<string, Failed> {
    return this.#failed[purpose];
  }
}
