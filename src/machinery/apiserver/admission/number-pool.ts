/** How long a number stays taken for a write that was not stored yet, in milliseconds: longer than any write takes. */
const RESERVED_MS = 60_000;

interface Holder {
  readonly owner: string;
  /** Undefined once the owner is stored with the number. */
  readonly untilMs: number | undefined;
}

/** Numbers of a range, each held by at most one owner. */
export class NumberPool {
  readonly #first: number;
  readonly #size: number;
  readonly #holders = new Map<number, Holder>();
  readonly #owned = new Map<string, readonly number[]>();
  #next = 0;

  constructor(range: { readonly first: number; readonly last: number }) {
    this.#first = range.first;
    this.#size = range.last - range.first + 1;
  }

  /** True for a number that may be held by somebody. */
  includes(value: number): boolean {
    return value >= this.#first && value < this.#first + this.#size;
  }

  /** True where nobody but `owner` holds the number. */
  isFreeFor(owner: string, value: number, nowMs: number): boolean {
    return this.#holders.get(value)?.owner === owner || !this.#isTaken(value, nowMs);
  }

  /** A free number; undefined where there is none. */
  findFree(nowMs: number): number | undefined {
    for (let step = 0; step < this.#size; step += 1) {
      const value = this.#first + ((this.#next + step) % this.#size);
      if (this.#isTaken(value, nowMs)) continue;
      this.#next = value - this.#first + 1;
      return value;
    }
    return undefined;
  }

  /** Takes a free number for `owner` until its write is stored. */
  reserve(owner: string, value: number, nowMs: number): void {
    if (this.includes(value) && !this.#isTaken(value, nowMs)) this.#holders.set(value, { owner, untilMs: nowMs + RESERVED_MS });
  }

  #isTaken(value: number, nowMs: number): boolean {
    const holder = this.#holders.get(value);
    return holder !== undefined && (holder.untilMs === undefined || holder.untilMs > nowMs);
  }

  /** The numbers that `owner` is stored with, in place of those that it had. */
  hold(owner: string, values: readonly number[]): void {
    for (const value of this.#owned.get(owner) ?? []) if (this.#holders.get(value)?.owner === owner) this.#holders.delete(value);
    const held = values.filter((value) => this.includes(value));
    if (held.length === 0) this.#owned.delete(owner);
    else this.#owned.set(owner, held);
    for (const value of held) this.#holders.set(value, { owner, untilMs: undefined });
  }
}
