/** Distinct keys, those of higher rank first, within a rank the one that waits longest. Cost grows with the number of different ranks, not with that of keys. */
export class RankedKeys {
  readonly #ranks = new Map<string, number>();
  /** Highest rank first; a rank without keys is dropped. */
  #groups: readonly { readonly rank: number; readonly keys: Set<string> }[] = [];

  /** How many keys wait. */
  get size(): number {
    return this.#ranks.size;
  }

  /** Puts `key` at the end of its rank; one that waits already keeps its place. */
  add(key: string, rank: number): void {
    if (this.#ranks.has(key)) return;
    this.#ranks.set(key, rank);
    const known = this.#groups.find((group) => group.rank === rank);
    if (known !== undefined) known.keys.add(key);
    else this.#groups = [...this.#groups, { rank, keys: new Set([key]) }].toSorted((a, b) => b.rank - a.rank);
  }

  /** Takes `key` out. */
  delete(key: string): void {
    const rank = this.#ranks.get(key);
    if (rank === undefined) return;
    this.#ranks.delete(key);
    const group = this.#groups.find((candidate) => candidate.rank === rank);
    group?.keys.delete(key);
    if (group?.keys.size === 0) this.#groups = this.#groups.filter((candidate) => candidate !== group);
  }

  /** Takes all keys out. */
  clear(): void {
    this.#ranks.clear();
    this.#groups = [];
  }

  /** Keys in order; taking out what was just seen is allowed meanwhile. */
  *[Symbol.iterator](): Generator<string> {
    for (const { keys } of this.#groups) yield* keys;
  }
}
