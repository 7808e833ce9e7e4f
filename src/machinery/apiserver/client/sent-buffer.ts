import type { WatchSink } from '../verbs/watch.ts';
import type { Sent } from '../contract/answers.ts';
import { expired } from '../contract/status-error.ts';

/** Holds a watch's events until its reader takes them; ends the watch when the reader lags by more than the bound. */
export class SentBuffer implements WatchSink {
  readonly #limit: number;
  #waiting: Sent[] = [];
  #isEnded = false;
  #hasOverflowed = false;
  #wake: () => void = () => {};

  /** `limit`: most events that wait. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  onSent(events: readonly Sent[]): void {
    if (this.#hasOverflowed) return;
    if (this.#waiting.length + events.length > this.#limit) {
      this.#hasOverflowed = true;
      this.#waiting = [];
    } else {
      for (const event of events) this.#waiting.push(event);
    }
    this.#wake();
  }

  onEnd(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** What arrived since the last call, as soon as there is something; undefined at the end. @throws ApiError `OutOfRange` when too much waited */
  async take(): Promise<readonly Sent[] | undefined> {
    while (this.#waiting.length === 0 && !this.#hasOverflowed && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#hasOverflowed) throw expired(`the watch was ended: its reader was more than ${this.#limit} events behind; list again`);
    if (this.#waiting.length === 0) return undefined;
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
}
