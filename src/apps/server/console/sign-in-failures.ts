import type { Clock } from '#kit/clock.ts';

/** Failed sign-ins of one address per minute; more are told to wait. */
const MAX_FAILURES = 30;
const WINDOW_MS = 60_000;
/** Most addresses that are counted; beyond it the counting begins anew. */
const MAX_ADDRESSES = 10_000;

/** Who failed to sign in how often lately. It only slows down who fails: a right token is never refused for others' wrong ones. */
export class SignInFailures {
  readonly #clock: Clock;
  readonly #counts = new Map<string, number>();
  #sinceMs = 0;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** Counts a failure; true where it was one too many. */
  note(address: string): boolean {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#sinceMs >= WINDOW_MS || this.#counts.size >= MAX_ADDRESSES) {
      this.#sinceMs = nowMs;
      this.#counts.clear();
    }
    const count = (this.#counts.get(address) ?? 0) + 1;
    this.#counts.set(address, count);
    return count > MAX_FAILURES;
  }
}
