import { formatKey, keyOf, type KubeObject } from '#api/meta/object.ts';

/** Index name → values of an object (none, one or many). Pure. */
export type IndexFunctions<K extends KubeObject> = Readonly<Record<string, (object: K) => readonly string[]>>;

interface Index<K extends KubeObject> {
  readonly valuesOf: (object: K) => readonly string[];
  /** Value → key → object. */
  readonly buckets: Map<string, Map<string, K>>;
}

/** Objects of one kind by key, with indexes that are kept up to date by each change. */
export class ObjectCache<K extends KubeObject> {
  readonly #objects = new Map<string, K>();
  readonly #indexes = new Map<string, Index<K>>();

  get size(): number {
    return this.#objects.size;
  }

  /** `key` as {@link formatKey} writes it. */
  get(key: string): K | undefined {
    return this.#objects.get(key);
  }

  all(): Iterable<K> {
    return this.#objects.values();
  }

  /** Keys and objects; taking out the current one while iterating is fine. */
  entries(): Iterable<[string, K]> {
    return this.#objects.entries();
  }

  /** Declares indexes and fills them with what is cached. @throws TypeError where a name already stands for another function */
  addIndexes(functions: IndexFunctions<K>): void {
    for (const [name, valuesOf] of Object.entries(functions)) {
      const known = this.#indexes.get(name);
      if (known?.valuesOf === valuesOf) continue;
      if (known !== undefined)
        throw new TypeError(`the index ${name} is declared twice with different functions: declare it once and share it`);
      const index: Index<K> = { valuesOf, buckets: new Map() };
      this.#indexes.set(name, index);
      for (const [key, object] of this.#objects) addTo(index, key, object);
    }
  }

  /** At most `limit` of the objects with that value. @throws TypeError for an index that was not declared */
  byIndex(name: string, value: string, limit: number = Number.POSITIVE_INFINITY): readonly K[] {
    const bucket = this.#index(name).buckets.get(value);
    if (bucket === undefined) return [];
    return bucket.size <= limit ? [...bucket.values()] : [...bucket.values().take(limit)];
  }

  /** How many objects have that value, without looking at them. @throws TypeError for an index that was not declared */
  countByIndex(name: string, value: string): number {
    return this.#index(name).buckets.get(value)?.size ?? 0;
  }

  /** Each value that an object has, once. @throws TypeError for an index that was not declared */
  valuesOfIndex(name: string): readonly string[] {
    return [...this.#index(name).buckets.keys()];
  }

  #index(name: string): Index<K> {
    const index = this.#indexes.get(name);
    if (index === undefined)
      throw new TypeError(
        `there is no index ${name}: declare it where the informer is asked for; declared: ${[...this.#indexes.keys()].join(', ') || 'none'}`,
      );
    return index;
  }

  /** Puts `object` in the place of its former self, and returns that. */
  put(object: K): K | undefined {
    const key = formatKey(keyOf(object));
    const previous = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      if (previous !== undefined) removeFrom(index, key, previous);
      addTo(index, key, object);
    }
    return previous;
  }

  /** Takes the object of `key` out, and returns it. */
  remove(key: string): K | undefined {
    const object = this.#objects.get(key);
    if (object === undefined) return undefined;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) removeFrom(index, key, object);
    return object;
  }
}

function addTo<K extends KubeObject>(index: Index<K>, key: string, object: K): void {
  for (const value of index.valuesOf(object)) {
    const bucket = index.buckets.get(value);
    if (bucket === undefined) index.buckets.set(value, new Map([[key, object]]));
    else bucket.set(key, object);
  }
}

function removeFrom<K extends KubeObject>(index: Index<K>, key: string, object: K): void {
  for (const value of index.valuesOf(object)) {
    const bucket = index.buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) index.buckets.delete(value);
  }
}
