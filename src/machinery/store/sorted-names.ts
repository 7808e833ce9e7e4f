/** Names per chunk: an insert moves at most this many references. */
const CHUNK_NAMES = 512;

/** Names in order of their UTF-16 code units, with cheap inserts and seeks however many there are. */
export class SortedNames {
  /** Non-empty, each sorted, in order. */
  readonly #chunks: string[][] = [];

  /** Adds a name that is not there yet. */
  add(name: string): void {
    const at = this.#chunkOf(name);
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push([name]);
      return;
    }
    const place = firstAtLeast(chunk, name);
    if (chunk.length < CHUNK_NAMES) {
      chunk.splice(place, 0, name);
      return;
    }
    // why: names often come in order (at start always), and then full chunks should stay full
    if (place === chunk.length && at === this.#chunks.length - 1) {
      this.#chunks.push([name]);
      return;
    }
    const upper = chunk.splice(CHUNK_NAMES / 2);
    this.#chunks.splice(at + 1, 0, upper);
    if (place <= chunk.length) chunk.splice(place, 0, name);
    else upper.splice(place - chunk.length, 0, name);
  }

  /** Removes a name; does nothing where it is not there. */
  delete(name: string): void {
    const at = this.#chunkOf(name);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const place = firstAtLeast(chunk, name);
    if (chunk[place] !== name) return;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** The names from `from` on, in order; all where `from` is absent. */
  *from(from: string | undefined): Generator<string> {
    const start = from === undefined ? 0 : this.#chunkOf(from);
    for (let at = start; at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] ?? [];
      const place = at === start && from !== undefined ? firstAtLeast(chunk, from) : 0;
      for (let index = place; index < chunk.length; index += 1) yield chunk[index] ?? '';
    }
  }

  /** How many names come after `name`. */
  countAfter(name: string): number {
    const start = this.#chunkOf(name);
    let count = 0;
    for (let at = start; at < this.#chunks.length; at += 1) count += this.#chunks[at]?.length ?? 0;
    const chunk = this.#chunks[start];
    if (chunk === undefined) return 0;
    const place = firstAtLeast(chunk, name);
    return count - place - (chunk[place] === name ? 1 : 0);
  }

  /** Index of the chunk that has `name` or would take it: the last whose first name is not after it. */
  #chunkOf(name: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.[0] ?? '') <= name) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

function firstAtLeast(sorted: readonly string[], name: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
