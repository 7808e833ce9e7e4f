import type { Clock } from '#kit/clock.ts';
import { backoffMs, type BackoffPolicy } from '#kit/retry.ts';

/** Waits between tries for one claim: 1 s doubling to 5 min (external-provisioner's `--retry-interval-start` and `-max`). */
const BACKOFF: BackoffPolicy = { initialMs: 1_000, maxMs: 300_000, factor: 2 };

interface Failed {
  readonly claimUid: string;
  /** What was tried: the class's UID for a new volume, the size for a growth. */
  readonly wish: string;
  readonly count: number;
  readonly notBeforeMs: number;
}

/**
 * When each claim that failed may be tried again, however often it is woken meanwhile. Lost with the process: then everything may be tried at once.
 * Memory is bounded by the number of claims that failed and still exist.
 */
export class Attempts {
  readonly #clock: Clock;
  readonly #failed = new Map<string, Failed>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the next try; 0 = now. A claim that was made anew, or another wish, starts anew. */
  waitMs(claimKey: string, of: { readonly claimUid: string; readonly wish: string }): number {
    const failed = this.#failed.get(claimKey);
    if (failed === undefined || failed.claimUid !== of.claimUid || failed.wish !== of.wish) return 0;
    return Math.max(0, failed.notBeforeMs - this.#clock.nowMs());
  }

  /** Notes a failure, and answers how long to wait. `isInfeasible`: the longest time at once. */
  failed(claimKey: string, of: { readonly claimUid: string; readonly wish: string; readonly isInfeasible: boolean }): number {
    const before = this.#failed.get(claimKey);
    const count = before?.claimUid === of.claimUid ? before.count : 0;
    const delayMs = of.isInfeasible ? BACKOFF.maxMs : backoffMs(BACKOFF, count);
    const { claimUid, wish } = of;
    this.#failed.set(claimKey, { claimUid, wish, count: count + 1, notBeforeMs: this.#clock.nowMs() + delayMs });
    return delayMs;
  }

  /** What failed and waits, tries to get rid of something included, each key once. */
  keys(): readonly string[] {
    return [...new Set([...this.#failed.keys()].map((key) => (key.startsWith(CLEAN_UP) ? key.slice(CLEAN_UP.length) : key)))];
  }

  /** The next failure of this claim is its first. */
  forget(claimKey: string): void {
    this.#failed.delete(claimKey);
  }
}

const CLEAN_UP = 'clean-up of ';

/** Under which key the tries to get rid of a claim's volume count, apart from those to make it. */
export function cleanUpKey(claimKey: string): string {
  return `${CLEAN_UP}${claimKey}`;
}
