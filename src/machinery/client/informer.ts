import { formatKey, keyOf, type KubeList, type KubeObject, type ObjectKey } from '#api/meta/object.ts';
import { isRemovable } from '#api/meta/removable.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { deepFreeze } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import { backoffMs, type BackoffPolicy } from '#kit/retry.ts';
import type { Client, WatchEvent } from './client.ts';
import { type IndexFunctions, ObjectCache } from './object-cache.ts';
import { compareVersions, isNewerVersion } from './resource-version.ts';

/** Told of every change after it is in the cache; must not throw. */
export interface InformerHandler<K extends KubeObject> {
  /** `previous` is absent for objects new to the cache; never another object of the same name: of that one, `onDelete` tells first. */
  onUpsert?(object: K, previous?: K): void;
  onDelete?(object: K): void;
}

/** A live cache of one kind, with indexes. Starts once, lists, then watches; recovers from everything by listing again. A kind that is not served has no objects. */
export interface Informer<K extends KubeObject> {
  readonly resource: Resource<K>;
  get(key: ObjectKey): K | undefined;
  /** Every cached object; only for start-up and tests, never on a hot path. */
  all(): Iterable<K>;
  readonly size: number;
  /** Objects whose index function answered `value`, at most `limit`; absent = all. @throws TypeError for an index that was not declared */
  byIndex(index: string, value: string, limit?: number): readonly K[];
  /** How many those are, without looking at them. @throws TypeError for an index that was not declared */
  countByIndex(index: string, value: string): number;
  /** Each value that the index function answered, once. @throws TypeError for an index that was not declared */
  valuesOfIndex(index: string): readonly string[];
  /** Declares more indexes, at any time. @throws TypeError where a name already stands for another function */
  addIndexes(indexes: IndexFunctions<K>): void;
  /**
   * Puts the answer of one's own write into the cache at once, so that the next reconcile sees it;
   * ignored when the cache has already seen something newer of that object, or its versions can't be compared (then the watch brings it).
   */
  observe(object: K): void;
  /** Forgets an object that one deleted and that the server confirmed gone. */
  forget(object: K): void;
  /** Tells `handler` of changes from now on; what is cached already is not repeated. */
  subscribe(handler: InformerHandler<K>): () => void;
  /** Starts listing and watching; resolves at the first complete list. Idempotent. @throws PlatformError `Canceled` when it is stopped before that */
  start(): Promise<void>;
  readonly hasSynced: boolean;
  stop(): void;
}

/** What an informer is made of. */
export interface InformerOptions<K extends KubeObject> {
  readonly client: Client;
  readonly resource: Resource<K>;
  readonly indexes?: IndexFunctions<K>;
  /** Only this namespace; absent = all. */
  readonly namespace?: string;
  /** Only what these select (text form); whoever calls `observe` then passes selected objects only. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** What is kept of an object, where that is less than all of it; name, namespace, uid and resourceVersion must stay. */
  readonly transform?: (object: K) => K;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An informer that is not started yet. */
export function createInformer<K extends KubeObject>(options: InformerOptions<K>): Informer<K> {
  return new CachedInformer(options);
}

/** Waits between failing lists and watches: 200 ms doubling to 30 s (client-go reflector's upper bound). */
const RETRY_BACKOFF: BackoffPolicy = { initialMs: 200, maxMs: 30_000, factor: 2 };
/** The same while the kind is not served: its definition may come at any time. */
const UNSERVED_BACKOFF: BackoffPolicy = { initialMs: 200, maxMs: 5_000, factor: 2 };
/** A watch that lasted this long was a good one, events or not. */
const LASTING_WATCH_MS = 10_000;

class CachedInformer<K extends KubeObject> implements Informer<K> {
  readonly resource: Resource<K>;
  readonly #options: InformerOptions<K>;
  readonly #log: Logger;
  readonly #cache = new ObjectCache<K>();
  readonly #handlers = new Set<InformerHandler<K>>();
  /** UIDs that `forget` took out and whose DELETED event is still to come; their earlier events are not news. */
  readonly #forgotten = new Set<string>();
  readonly #abort = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  #started = false;
  #hasSynced = false;
  /** Everything up to here was seen; `''` before the first list. */
  #version = '';

  constructor(options: InformerOptions<K>) {
    this.resource = options.resource;
    this.#options = options;
    this.#log = options.log.with({ component: 'informer', kind: groupResourceOf(options.resource) });
    this.#cache.addIndexes(options.indexes ?? {});
    // why: nobody has to wait for the first list; a stop before it must not end the process
    this.#synced.promise.catch(() => {});
  }

  get size(): number {
    return this.#cache.size;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get(key: ObjectKey): K | undefined {
    return this.#cache.get(formatKey(key));
  }

  all(): Iterable<K> {
    return this.#cache.all();
  }

  byIndex(index: string, value: string, limit?: number): readonly K[] {
    return this.#cache.byIndex(index, value, limit);
  }

  countByIndex(index: string, value: string): number {
    return this.#cache.countByIndex(index, value);
  }

  valuesOfIndex(index: string): readonly string[] {
    return this.#cache.valuesOfIndex(index);
  }

  addIndexes(indexes: IndexFunctions<K>): void {
    this.#cache.addIndexes(indexes);
  }

  observe(object: K): void {
    // why: before the first list nothing is known that it could be compared with, and the list will bring it
    if (!this.#hasSynced || this.#forgotten.has(object.metadata.uid)) return;
    const version = object.metadata.resourceVersion;
    const cached = this.get(keyOf(object));
    // why: a version the watch has passed already is either cached or was deleted since
    if (!isNewerVersion(version, this.#version) || (cached !== undefined && !isNewerVersion(version, cached.metadata.resourceVersion)))
      return;
    // why: the write that takes the last finalizer off a deleted object removes it; nobody must work on it again until the watch says so
    if (isRemovable(object)) this.forget(object);
    else this.#put(object);
  }

  forget(object: K): void {
    const cached = this.get(keyOf(object));
    if (cached?.metadata.uid !== object.metadata.uid) return;
    this.#forgotten.add(object.metadata.uid);
    this.#remove(cached);
  }

  subscribe(handler: InformerHandler<K>): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  start(): Promise<void> {
    if (!this.#started) {
      this.#started = true;
      void this.#run(this.#abort.signal);
    }
    return this.#synced.promise;
  }

  stop(): void {
    this.#abort.abort();
    this.#synced.reject(
      new PlatformError({ code: 'Canceled', reason: 'Canceled', message: `the informer of ${groupResourceOf(this.resource)} was stopped` }),
    );
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let failures = 0;
    let absences = 0;
    let needsList = true;
    while (!signal.aborted) {
      let watchingSinceMs = clock.nowMs();
      const before = this.#version;
      try {
        if (needsList && !(await this.#list(signal))) {
          absences += 1;
          await sleep(clock, backoffMs(UNSERVED_BACKOFF, absences - 1), signal);
          continue;
        }
        [needsList, absences] = [false, 0];
        watchingSinceMs = clock.nowMs();
        await this.#watch(signal);
        failures = this.#version === before && clock.nowMs() - watchingSinceMs < LASTING_WATCH_MS ? failures + 1 : 0;
      } catch (thrown) {
        if (signal.aborted) return;
        // why: a watch that fails twice may stand on a version that the server never had (its data was replaced); a new list mends that too
        needsList ||= hasCode(thrown, 'OutOfRange', 'NotFound') || failures > 0;
        failures += 1;
        this.#log.warn('watch ended, trying again', { attempt: failures, err: PlatformError.from(thrown) });
      }
      if (failures > 0) await sleep(clock, backoffMs(RETRY_BACKOFF, failures - 1), signal).catch(() => {});
    }
  }

  /** Answers false where the kind is not served. */
  async #list(signal: AbortSignal): Promise<boolean> {
    const list = await this.#listIfServed();
    if (signal.aborted) return true;
    if (list === undefined) {
      this.#beUnserved();
      return false;
    }
    const version = list.metadata.resourceVersion;
    // why: a server whose newest version is older than what was seen has lost its history; then its list is all that counts
    const isReset = isNewerVersion(this.#version, version);
    const listed = new Set<string>();
    const uids = new Set<string>();
    for (const object of list.items) {
      listed.add(formatKey(keyOf(object)));
      uids.add(object.metadata.uid);
      if (isReset) this.#put(object);
      else this.#see(object);
    }
    for (const [key, cached] of this.#cache.entries()) {
      if (!listed.has(key) && (isReset || !isNewerVersion(cached.metadata.resourceVersion, version))) this.#remove(cached);
    }
    for (const uid of this.#forgotten) if (!uids.has(uid)) this.#forgotten.delete(uid);
    this.#version = version;
    this.#beSynced();
    return true;
  }

  async #listIfServed(): Promise<KubeList<K> | undefined> {
    try {
      return await this.#options.client.list(this.resource, this.#scope());
    } catch (thrown) {
      if (hasCode(thrown, 'NotFound')) return undefined;
      throw thrown;
    }
  }

  /** A definition took its objects with it, or is still to come: nobody need wait for either. */
  #beUnserved(): void {
    for (const [, cached] of this.#cache.entries()) this.#remove(cached);
    this.#forgotten.clear();
    this.#version = '';
    this.#beSynced();
  }

  #beSynced(): void {
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    for await (const event of this.#options.client.watch(this.resource, { ...this.#scope(), resourceVersion: this.#version, signal })) {
      if (signal.aborted) return;
      this.#apply(event);
    }
  }

  #scope(): { namespace?: string; labelSelector?: string; fieldSelector?: string } {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
  }

  #apply(event: WatchEvent<K>): void {
    if (event.type === 'BOOKMARK') {
      this.#version = event.resourceVersion;
      return;
    }
    const { object } = event;
    this.#version = object.metadata.resourceVersion;
    if (event.type === 'DELETED') {
      this.#forgotten.delete(object.metadata.uid);
      const cached = this.get(keyOf(object));
      // why: an object observed after this deletion is a new one of the same name
      if (cached !== undefined && !isNewerVersion(cached.metadata.resourceVersion, object.metadata.resourceVersion)) this.#remove(object);
    } else this.#see(object);
  }

  /** Takes in what a list or watch shows, unless the cache holds the same or something newer of it. */
  #see(object: K): void {
    if (this.#forgotten.has(object.metadata.uid)) return;
    const cached = this.get(keyOf(object));
    const order = cached === undefined ? undefined : compareVersions(object.metadata.resourceVersion, cached.metadata.resourceVersion);
    if (order === undefined || order > 0) this.#put(object);
  }

  #put(whole: K): void {
    const object = deepFreeze(this.#options.transform?.(whole) ?? whole);
    const namesake = this.get(keyOf(object));
    // why: a list after a gap shows only the new one of two objects of one name, and whoever counts objects has to hear of the old one's end
    if (namesake !== undefined && namesake.metadata.uid !== object.metadata.uid) this.#remove(namesake);
    const previous = this.#cache.put(object);
    this.#tell((handler) => handler.onUpsert?.(object, previous));
  }

  #remove(object: K): void {
    deepFreeze(object);
    this.#cache.remove(formatKey(keyOf(object)));
    this.#tell((handler) => handler.onDelete?.(object));
  }

  #tell(call: (handler: InformerHandler<K>) => void): void {
    for (const handler of this.#handlers) {
      try {
        call(handler);
      } catch (thrown) {
        // why: one broken handler must not keep the others from hearing, nor end the watch
        this.#log.error('informer handler failed', { err: PlatformError.from(thrown) });
      }
    }
  }
}
