import type { Clock, Timer } from '#kit/clock.ts';

/** Clients are taken for gone after this time without a request, in milliseconds: one that asks in a row comes back sooner. */
const QUIET_MS = 5;
/** So many requests, each soon after the one before it, are asked in a row: the next one is waited for. Fewer wait for what they began. */
const IN_A_ROW = 3;
/** While clients ask, work of this process gets a turn at least so often, in milliseconds: a request that takes long holds nothing up. */
const TURN_MS = 2;
/** One more piece of work gets its turn at a time for each so many that wait: what comes faster than it is done is done in larger groups. */
const WAITING_PER_TURN = 16;

/**
 * Lets requests of clients go before the work of this process's own controllers, which comes in pieces: the begin of a reconcile, and what follows each of its
 * writes. While nobody asks, pieces begin at once. While clients ask, the next piece begins when a request has been answered, or after {@link TURN_MS};
 * where many wait, several begin together. After one request alone nothing is held back: its client waits for what the controllers make of it.
 */
export class Precedence {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #requests = 0;
  /** How many requests came in a row. */
  #inARow = 0;
  #lastAnswerMs = Number.NEGATIVE_INFINITY;
  #isBusy = false;
  #quiet: Timer | undefined;
  #next: Timer | undefined;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** A client's request has come; call the answer when it has ended. */
  enter(): () => void {
    const isNext = this.#requests > 0 || Math.abs(this.#clock.nowMs() - this.#lastAnswerMs) < QUIET_MS;
    this.#inARow = isNext ? this.#inARow + 1 : 1;
    this.#requests += 1;
    this.#isBusy = true;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#requests -= 1;
      this.#lastAnswerMs = this.#clock.nowMs();
      if (this.#requests === 0) this.#awaitNext();
      this.#giveTurn();
    };
  }

  /** Resolves when a piece of work may begin. */
  async turn(): Promise<void> {
    if (!this.#isBusy) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#next ??= this.#clock.after(TURN_MS, () => this.#giveTurn());
    });
  }

  #giveTurn(): void {
    this.#next?.cancel();
    this.#next = undefined;
    const count = this.#isBusy ? 1 + Math.floor(this.#waiting.length / WAITING_PER_TURN) : this.#waiting.length;
    for (const begin of this.#waiting.splice(0, count)) begin();
    if (this.#waiting.length > 0) this.#next = this.#clock.after(TURN_MS, () => this.#giveTurn());
  }

  /** Takes the clients for gone, or waits for the next request. */
  #awaitNext(): void {
    this.#quiet?.cancel();
    if (this.#inARow < IN_A_ROW) this.#isBusy = false;
    else this.#quiet = this.#clock.after(QUIET_MS, () => this.#beQuiet());
  }

  #beQuiet(): void {
    if (this.#requests > 0) return;
    this.#isBusy = false;
    this.#giveTurn();
  }
}
