import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';

/** Told of every change after it is in the cache; must not throw. */
export interface InformerHandler<K extends KubeObject> {
  /** `previous` is absent for objects new to the cache. */
  onUpsert?(object: K, previous?: K): void;
  onDelete?(object: K): void;
}

/** A live cache of one kind, with indexes. Starts once, lists, then watches; recovers from everything by listing again. */
export interface Informer<K extends KubeObject> {
  readonly resource: Resource<K>;
  get(key: ObjectKey): K | undefined;
  /** Every cached object; only for start-up and tests, never on a hot path. */
  all(): Iterable<K>;
  readonly size: number;
  /** Objects whose index function answered `value`. @throws TypeError for an index that was not declared */
  byIndex(index: string, value: string): readonly K[];
  /**
   * Puts the answer of one's own write into the cache at once, so that the next reconcile sees it;
   * ignored when the cache has already seen something newer of that object.
   */
  observe(object: K): void;
  /** Forgets an object that one deleted and that the server confirmed gone. */
  forget(object: K): void;
  subscribe(handler: InformerHandler<K>): () => void;
  /** Starts listing and watching; resolves at the first complete list. Idempotent. */
  start(): Promise<void>;
  readonly hasSynced: boolean;
  stop(): void;
}

/** Index name → values of an object (none, one or many). Pure. */
export type IndexFunctions<K extends KubeObject> = Readonly<Record<string, (object: K) => readonly string[]>>;
