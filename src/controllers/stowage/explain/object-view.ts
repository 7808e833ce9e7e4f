import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Reach } from './sight.ts';

/** What of an informer's objects a user may see. Each method looks at what it answers with, and at no more. */
export class ObjectView<K extends KubeObject> {
  readonly #objects: Informer<K>;
  readonly #reach: Reach;

  constructor(objects: Informer<K>, reach: Reach) {
    this.#objects = objects;
    this.#reach = reach;
  }

  /** True where none is hidden. */
  get isWhole(): boolean {
    return this.#reach === 'all';
  }

  get(key: ObjectKey): K | undefined {
    const object = this.#objects.get(key);
    return object !== undefined && this.#isSeen(object) ? object : undefined;
  }

  /** One that has no namespace. */
  named(name: string): K | undefined {
    return this.get({ namespace: '', name });
  }

  /** All, of a kind of which there are few. */
  all(): readonly K[] {
    return [...this.#objects.all()].filter((object) => this.#isSeen(object));
  }

  /** The names of all of them. */
  names(): readonly string[] {
    return this.all().map(({ metadata }) => metadata.name);
  }

  /** How many there are. */
  get size(): number {
    return this.isWhole ? this.#objects.size : this.all().length;
  }

  /** At most `limit` of those that the index has under `value`. */
  byIndex(index: string, value: string, limit?: number): readonly K[] {
    if (this.isWhole) return this.#objects.byIndex(index, value, limit);
    return this.#objects
      .byIndex(index, value)
      .filter((object) => this.#isSeen(object))
      .slice(0, limit);
  }

  /** How many the index has under `value`. */
  countByIndex(index: string, value: string): number {
    return this.isWhole ? this.#objects.countByIndex(index, value) : this.byIndex(index, value).length;
  }

  /** Each value of the index, once. */
  valuesOfIndex(index: string): readonly string[] {
    return this.#objects.valuesOfIndex(index).filter((value) => this.isWhole || this.byIndex(index, value).length > 0);
  }

  #isSeen({ metadata }: K): boolean {
    if (typeof this.#reach !== 'object') return this.#reach === 'all';
    return (metadata.namespace ?? '') === this.#reach.namespace;
  }
}
