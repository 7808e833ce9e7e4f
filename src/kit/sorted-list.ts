/** Items per chunk: an insert moves at most this many references. */
const CHUNK_ITEMS = 512;

/** Orders keys: below zero where `a` comes before `b`. */
export type Compare<K> = (a: K, b: K) => number;

/** Order of UTF-16 code units, as `Array.prototype.sort` without a function has it. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Distinct items in order, with cheap inserts and seeks however many there are. An item is its own key, or has one: what is compared of `T` is `K`. */
export class SortedList<T extends K, K = T> {
  readonly #compare: Compare<K>;
  /** Non-empty, each sorted, in order. */
  readonly #chunks: T[][] = [];

  constructor(compare: Compare<K>) {
    this.#compare = compare;
  }

  /** Adds an item whose key is not there yet. */
  add(item: T): void {
    const at = this.#chunkOf(item);
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push([item]);
      return;
    }
    const place = this.#firstAtLeast(chunk, item);
    if (chunk.length < CHUNK_ITEMS) {
      chunk.splice(place, 0, item);
      return;
    }
    // why: items often come in order (at start always), and then full chunks should stay full
    if (place === chunk.length && at === this.#chunks.length - 1) {
      this.#chunks.push([item]);
      return;
    }
    const upper = chunk.splice(CHUNK_ITEMS / 2);
    this.#chunks.splice(at + 1, 0, upper);
    if (place <= chunk.length) chunk.splice(place, 0, item);
    else upper.splice(place - chunk.length, 0, item);
  }

  /** Removes the item of `key`; does nothing where it is not there. */
  delete(key: K): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const place = this.#firstAtLeast(chunk, key);
    if (!this.#isAt(chunk, place, key)) return;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** The items from `from` on, in order; all where `from` is absent. */
  *from(from: K | undefined): Generator<T> {
    const start = from === undefined ? 0 : this.#chunkOf(from);
    for (let at = start; at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] ?? [];
      const place = at === start && from !== undefined ? this.#firstAtLeast(chunk, from) : 0;
      for (let index = place; index < chunk.length; index += 1) {
        const item = chunk[index];
        if (item !== undefined) yield item;
      }
    }
  }

  /** The last in order; undefined where there is none. */
  last(): T | undefined {
    return this.#chunks.at(-1)?.at(-1);
  }

  /** How many items come after `key`. */
  countAfter(key: K): number {
    const start = this.#chunkOf(key);
    let count = 0;
    for (let at = start; at < this.#chunks.length; at += 1) count += this.#chunks[at]?.length ?? 0;
    const chunk = this.#chunks[start];
    if (chunk === undefined) return 0;
    const place = this.#firstAtLeast(chunk, key);
    return count - place - (this.#isAt(chunk, place, key) ? 1 : 0);
  }

  #isAt(chunk: readonly T[], place: number, key: K): boolean {
    const item = chunk[place];
    return item !== undefined && this.#compare(item, key) === 0;
  }

  /** Index of the chunk that has `key` or would take it: the last whose first item is not after it. */
  #chunkOf(key: K): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const first = this.#chunks[middle]?.[0];
      if (first === undefined || this.#compare(first, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  #firstAtLeast(sorted: readonly T[], key: K): number {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = sorted[middle];
      if (item !== undefined && this.#compare(item, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
