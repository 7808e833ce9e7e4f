import type { Clock, Timer } from '#kit/clock.ts';
import { FakeClock } from '#testing/fake-clock.ts';

/** The machine's time: what it shows may jump, while timers go on as they are. */
export class SimClock implements Clock {
  readonly #steady = new FakeClock();
  #skewMs = 0;

  nowMs(): number {
    return this.#steady.nowMs() + this.#skewMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#steady.after(delayMs, callback);
  }

  /** Time that really went by; never jumps. */
  steadyMs(): number {
    return this.#steady.nowMs();
  }

  jump(deltaMs: number): void {
    this.#skewMs += deltaMs;
  }

  step(deltaMs: number): Promise<void> {
    return this.#steady.step(deltaMs);
  }
}
