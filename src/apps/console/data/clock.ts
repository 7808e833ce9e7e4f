/** A started timer. */
export interface Timer {
  cancel(): void;
}

/** Time as the data layer takes it, so that tests can step it; in milliseconds since the Unix epoch. */
export interface Clock {
  nowMs(): number;
  after(delayMs: number, callback: () => void): Timer;
}

/** The browser's clock. */
export const browserClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
