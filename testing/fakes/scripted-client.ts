import type { KubeList, KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Client, ListOptions, WatchEvent, WatchOptions } from '#machinery/client/client.ts';

interface Watcher {
  readonly resource: string;
  readonly namespace: string;
  readonly queue: (WatchEvent<KubeObject> | PlatformError | 'end')[];
  wake: () => void;
}

/** A {@link Client} for reading only, whose objects and failures a test sets by hand. */
export class ScriptedClient implements Pick<Client, 'list' | 'watch'> {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #watchers = new Set<Watcher>();
  #version = 1;
  /** How often each resource was listed. */
  readonly lists = new Map<string, number>();
  /** Thrown by every list while set. */
  listError: PlatformError | undefined;

  /** The client as the code under test takes it; writes are absent and would fail. */
  get client(): Client {
    return trusted<Client>(this);
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** Creates or replaces and tells the watchers. */
  put<K extends KubeObject>(resource: Resource<K>, object: K): void {
    this.#version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    const kind = this.#kind(resource);
    const type = kind.has(stored.metadata.uid) ? 'MODIFIED' : 'ADDED';
    kind.set(stored.metadata.uid, stored);
    this.#publish(resource, { type, object: stored });
  }

  remove<K extends KubeObject>(resource: Resource<K>, uid: string): void {
    this.#version += 1;
    const object = this.#kind(resource).get(uid);
    if (object === undefined) return;
    this.#kind(resource).delete(uid);
    this.#publish(resource, {
      type: 'DELETED',
      object: { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } },
    });
  }

  /** Says nothing to the watchers: what they miss in a gap. */
  putSilently<K extends KubeObject>(resource: Resource<K>, object: K): void {
    this.#version += 1;
    this.#kind(resource).set(object.metadata.uid, object);
  }

  /** Ends every watch, in peace or with an error. */
  breakWatches(how: PlatformError | 'end'): void {
    for (const watcher of this.#watchers) {
      watcher.queue.push(how);
      watcher.wake();
    }
  }

  bookmark(): void {
    for (const watcher of this.#watchers) {
      watcher.queue.push({ type: 'BOOKMARK', resourceVersion: String(this.#version) });
      watcher.wake();
    }
  }

  async list<K extends KubeObject>(resource: Resource<K>, options: ListOptions = {}): Promise<KubeList<K>> {
    const key = groupResourceOf(resource);
    this.lists.set(key, (this.lists.get(key) ?? 0) + 1);
    await Promise.resolve();
    if (this.listError !== undefined) throw this.listError;
    const items = [...this.#kind(resource).values()].filter((object) => matches(object, options.namespace ?? ''));
    const metadata = { resourceVersion: String(this.#version) };
    return { apiVersion: apiVersionOf(resource), kind: resource.listKind, metadata, items: trusted<K[]>(items) };
  }

  async *watch<K extends KubeObject>(resource: Resource<K>, options: WatchOptions): AsyncIterable<WatchEvent<K>> {
    const watcher: Watcher = { resource: groupResourceOf(resource), namespace: options.namespace ?? '', queue: [], wake: () => {} };
    this.#watchers.add(watcher);
    options.signal.addEventListener('abort', () => watcher.wake());
    try {
      while (!options.signal.aborted) {
        const next = watcher.queue.shift();
        if (next === 'end') return;
        if (next instanceof PlatformError) throw next;
        if (next === undefined) await new Promise<void>((resolve) => (watcher.wake = resolve));
        else yield trusted<WatchEvent<K>>(next);
      }
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  #kind(resource: Pick<Resource, 'group' | 'plural'>): Map<string, KubeObject> {
    const key = groupResourceOf(resource);
    const known = this.#objects.get(key) ?? new Map<string, KubeObject>();
    this.#objects.set(key, known);
    return known;
  }

  #publish(resource: Pick<Resource, 'group' | 'plural'>, event: Extract<WatchEvent<KubeObject>, { object: KubeObject }>): void {
    for (const watcher of this.#watchers) {
      if (watcher.resource !== groupResourceOf(resource) || !matches(event.object, watcher.namespace)) continue;
      watcher.queue.push(event);
      watcher.wake();
    }
  }
}

function matches(object: KubeObject, namespace: string): boolean {
  return namespace === '' || object.metadata.namespace === namespace;
}
