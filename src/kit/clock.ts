import { PlatformError } from './errors.ts';

/** A started timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** Time, handed in by constructor so that tests can step it. All values are milliseconds since the Unix epoch. */
export interface Clock {
  nowMs(): number;
  /** Runs `callback` once after `delayMs`; never keeps the process alive by itself. */
  after(delayMs: number, callback: () => void): Timer;
}

/** Longest delay of a Node timer; larger ones would fire at once (Node.js timers documentation). */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's clock. */
export class SystemClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  after(delayMs: number, callback: () => void): Timer {
    const handle = setTimeout(callback, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  }
}

/** Waits `delayMs` on `clock`. @throws PlatformError `Canceled` as soon as `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(canceled(signal));
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      if (signal !== undefined) reject(canceled(signal));
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The last second that four digits of a year can say; 9999-12-31T23:59:59Z. */
const LAST_SECOND_MS = 253_402_300_799_000;

/** RFC 3339 with whole seconds, as `metav1.Time` prints it; what is beyond the year 9999 is its last second. */
export function formatTime(epochMs: number): string {
  return `${new Date(Math.min(epochMs, LAST_SECOND_MS)).toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with microseconds, as `metav1.MicroTime` prints it. */
export function formatMicroTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 23)}000Z`;
}

function canceled(signal: AbortSignal): PlatformError {
  return new PlatformError({ code: 'Canceled', reason: 'Canceled', message: 'the wait was canceled', cause: signal.reason });
}
