import { compareText, SortedList } from '#kit/sorted-list.ts';
import { costOf } from './store-space.ts';
import type { Entry, StoreKey, StoreScope } from './store.ts';

/** A place between keys of one resource: everything up to and including it comes before. */
export interface Position {
  readonly namespace: string;
  readonly name: string;
}

interface NamespaceObjects {
  readonly byName: Map<string, Entry>;
  readonly names: SortedList<string>;
}

interface ResourceObjects {
  readonly byNamespace: Map<string, NamespaceObjects>;
  readonly namespaces: SortedList<string>;
  count: number;
}

/** All current entries, by key and in key order (namespace, then name). */
export class ObjectIndex {
  readonly #resources = new Map<string, ResourceObjects>();
  #usedBytes = 0;

  /** What all entries take of the budget. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  get(key: StoreKey): Entry | undefined {
    return this.#resources.get(key.resource)?.byNamespace.get(key.namespace)?.byName.get(key.name);
  }

  set(entry: Entry): void {
    const { resource, namespace, name } = entry.key;
    const objects = this.#resourceOf(resource);
    const inside = namespaceOf(objects, namespace);
    const before = inside.byName.get(name);
    if (before === undefined) {
      inside.names.add(name);
      objects.count += 1;
    }
    inside.byName.set(name, entry);
    this.#usedBytes += costOf(entry) - (before === undefined ? 0 : costOf(before));
  }

  delete(key: StoreKey): void {
    const objects = this.#resources.get(key.resource);
    const inside = objects?.byNamespace.get(key.namespace);
    const entry = inside?.byName.get(key.name);
    if (objects === undefined || inside === undefined || entry === undefined) return;
    inside.byName.delete(key.name);
    this.#usedBytes -= costOf(entry);
    inside.names.delete(key.name);
    objects.count -= 1;
    if (inside.byName.size === 0) {
      objects.byNamespace.delete(key.namespace);
      objects.namespaces.delete(key.namespace);
    }
  }

  /** Number of entries of the scope. */
  count(scope: StoreScope): number {
    const objects = this.#resources.get(scope.resource);
    if (objects === undefined) return 0;
    return scope.namespace === undefined ? objects.count : (objects.byNamespace.get(scope.namespace)?.byName.size ?? 0);
  }

  /** Number of entries of the scope after `position`. */
  countAfter(scope: StoreScope, position: Position | undefined): number {
    if (position === undefined) return this.count(scope);
    const objects = this.#resources.get(scope.resource);
    if (objects === undefined) return 0;
    let count = 0;
    for (const [namespace, inside] of namespacesFrom(objects, scope, position)) {
      count += namespace === position.namespace ? inside.names.countAfter(position.name) : inside.byName.size;
    }
    return count;
  }

  /** The entries of the scope after `position` in key order; all where it is absent. Not to be held across a write. */
  *after(scope: StoreScope, position: Position | undefined): Generator<Entry> {
    const objects = this.#resources.get(scope.resource);
    if (objects === undefined) return;
    for (const [namespace, inside] of namespacesFrom(objects, scope, position)) {
      const from = namespace === position?.namespace ? position.name : undefined;
      for (const name of inside.names.from(from)) {
        const entry = name === from ? undefined : inside.byName.get(name);
        if (entry !== undefined) yield entry;
      }
    }
  }

  #resourceOf(resource: string): ResourceObjects {
    const known = this.#resources.get(resource);
    if (known !== undefined) return known;
    const fresh = { byNamespace: new Map<string, NamespaceObjects>(), namespaces: new SortedList(compareText), count: 0 };
    this.#resources.set(resource, fresh);
    return fresh;
  }
}

function namespaceOf(objects: ResourceObjects, namespace: string): NamespaceObjects {
  const known = objects.byNamespace.get(namespace);
  if (known !== undefined) return known;
  const fresh = { byName: new Map<string, Entry>(), names: new SortedList(compareText) };
  objects.byNamespace.set(namespace, fresh);
  objects.namespaces.add(namespace);
  return fresh;
}

function* namespacesFrom(
  objects: ResourceObjects,
  scope: StoreScope,
  position: Position | undefined,
): Generator<readonly [string, NamespaceObjects]> {
  for (const namespace of objects.namespaces.from(position?.namespace ?? scope.namespace)) {
    if (scope.namespace !== undefined && namespace > scope.namespace) return;
    const inside = objects.byNamespace.get(namespace);
    if (inside !== undefined && (scope.namespace === undefined || namespace === scope.namespace)) yield [namespace, inside];
  }
}
