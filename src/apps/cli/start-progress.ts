import type { Clock, Timer } from '#kit/clock.ts';

/** A step that takes longer than this is said, in milliseconds: nobody likes a silent second. */
const SILENCE_MS = 1_000;

/** Says what a start does as soon as it takes long, and nothing where it does not. */
export class StartProgress {
  readonly #clock: Clock;
  readonly #print: (line: string) => void;
  readonly #startMs: number;
  #timer: Timer | undefined;

  constructor({ clock, print }: { readonly clock: Clock; readonly print: (line: string) => void }) {
    this.#clock = clock;
    this.#print = print;
    this.#startMs = clock.nowMs();
  }

  /** `what` is done from now on: `reading the objects`. */
  begin(what: string): void {
    this.#timer?.cancel();
    const leftMs = this.#startMs + SILENCE_MS - this.#clock.nowMs();
    // why at once after the first second: a step that holds the process would let no timer speak
    if (leftMs <= 0) this.#say(what);
    else this.#timer = this.#clock.after(leftMs, () => this.#say(what));
  }

  /** All is done. */
  end(): void {
    this.#timer?.cancel();
  }

  #say(what: string): void {
    this.#print(`${what} ...`);
  }
}
