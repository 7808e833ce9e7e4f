import type { LiveChange } from '#api/console-frames.ts';
import type { KubeObject } from '#api/meta/object.ts';

/** The values under which an object is found; pure. */
export type IndexFunction = (object: KubeObject) => readonly string[];

const NONE: readonly KubeObject[] = [];

/** The objects of one subscription by UID, with indexes that change only where the objects do. */
export class Collection {
  readonly #byUid = new Map<string, KubeObject>();
  readonly #functions: Readonly<Record<string, IndexFunction>>;
  readonly #indexes = new Map<string, Map<string, readonly KubeObject[]>>();
  /** The snapshot that is still arriving. */
  #arriving: Set<string> | undefined;

  constructor(indexes: Readonly<Record<string, IndexFunction>>) {
    this.#functions = indexes;
    for (const name of Object.keys(indexes)) this.#indexes.set(name, new Map());
  }

  /** Every object, in order of arrival. */
  items(): readonly KubeObject[] {
    return [...this.#byUid.values()];
  }

  /** The objects under `value`; the same array as long as none of them changes. */
  byIndex(index: string, value: string): readonly KubeObject[] {
    return this.#indexes.get(index)?.get(value) ?? NONE;
  }

  /** Takes a part of a snapshot; at its end everything that was not in it is gone. Objects of the same version stay the same object. */
  applySnapshot(part: { readonly isFirst: boolean; readonly isLast: boolean; readonly items: readonly KubeObject[] }): void {
    if (part.isFirst || this.#arriving === undefined) this.#arriving = new Set();
    for (const object of part.items) {
      this.#arriving.add(object.metadata.uid);
      this.#put(object);
    }
    if (!part.isLast) return;
    for (const uid of this.#byUid.keys()) if (!this.#arriving.has(uid)) this.#remove(uid);
    this.#arriving = undefined;
  }

  applyChanges(changes: readonly LiveChange[]): void {
    for (const change of changes) {
      if (change.type === 'delete') this.#remove(change.uid);
      else this.#put(change.object);
    }
  }

  #put(object: KubeObject): void {
    const { uid, resourceVersion } = object.metadata;
    const previous = this.#byUid.get(uid);
    if (previous?.metadata.resourceVersion === resourceVersion) return;
    this.#byUid.set(uid, object);
    this.#reindex(previous, object);
  }

  #remove(uid: string): void {
    const previous = this.#byUid.get(uid);
    if (previous === undefined) return;
    this.#byUid.delete(uid);
    this.#reindex(previous, undefined);
  }

  #reindex(previous: KubeObject | undefined, next: KubeObject | undefined): void {
    for (const [name, values] of Object.entries(this.#functions)) {
      const buckets = this.#indexes.get(name);
      if (buckets === undefined) continue;
      if (previous !== undefined) for (const value of new Set(values(previous))) leave(buckets, value, previous);
      if (next !== undefined) for (const value of new Set(values(next))) buckets.set(value, [...(buckets.get(value) ?? NONE), next]);
    }
  }
}

function leave(buckets: Map<string, readonly KubeObject[]>, value: string, object: KubeObject): void {
  const rest = (buckets.get(value) ?? NONE).filter((held) => held !== object);
  if (rest.length === 0) buckets.delete(value);
  else buckets.set(value, rest);
}
