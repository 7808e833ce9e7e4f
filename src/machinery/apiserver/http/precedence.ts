import type { Clock, Timer } from '#kit/clock.ts';

/** Clients are taken for gone after this time without a request, in milliseconds: one that writes in a row comes back sooner. */
const QUIET_MS = 5;
/** What waits for something else than this process, a driver or a disk, holds up the next for no longer, in milliseconds. */
const HOLD_MS = 10;

/**
 * Lets requests of clients go before the work of this process's own controllers: while clients ask, one piece of that work is begun at a time,
 * and otherwise all at once. Nothing waits for ever: the next begins when the one before has ended, or after {@link HOLD_MS}.
 */
export class Precedence {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #requests = 0;
  #isBusy = false;
  #held = 0;
  #quiet: Timer | undefined;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** A client's request has come; call the answer when it has ended. */
  enter(): () => void {
    this.#requests += 1;
    this.#isBusy = true;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#requests -= 1;
      if (this.#requests > 0) return;
      this.#quiet?.cancel();
      this.#quiet = this.#clock.after(QUIET_MS, () => this.#beQuiet());
    };
  }

  /** Resolves when a piece of work may begin; call the answer when it has ended. */
  async giveWay(): Promise<() => void> {
    if (this.#isBusy && this.#held > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (!this.#isBusy) return () => {};
    this.#held += 1;
    let isOver = false;
    const release = (): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      this.#held -= 1;
      this.#waiting.shift()?.();
    };
    const timer = this.#clock.after(HOLD_MS, release);
    return release;
  }

  #beQuiet(): void {
    if (this.#requests > 0) return;
    this.#isBusy = false;
    for (const begin of this.#waiting.splice(0)) begin();
  }
}
