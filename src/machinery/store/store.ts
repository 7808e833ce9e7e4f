/**
 * The store: current objects in memory, a durable log below, an event window for watches.
 * One process is the only writer. Revisions are consecutive safe integers starting at 1; each write gets the next one.
 */

/** Where an object lies: `resource` is `plural[.group]` (see groupResourceOf). */
export interface StoreKey {
  readonly resource: string;
  /** `''` for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** An object as it is stored: frozen JSON and its serialised form, made once and shared by everyone who reads it. */
export interface Entry {
  readonly key: StoreKey;
  /** Revision of the write that made this entry; `metadata.resourceVersion` of the object is its decimal text. */
  readonly revision: number;
  /**
   * Deeply frozen; `metadata.resourceVersion` included. Parsed from `bytes` when it is read, and dropped again when nobody uses it:
   * hold the object, not the entry, where the same one is wanted twice.
   */
  readonly object: StoredJson;
  /** UTF-8 JSON of `object`. */
  readonly bytes: Buffer;
}

/** A stored object: JSON with metadata. */
export interface StoredJson {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string; readonly uid: string };
  readonly [field: string]: unknown;
}

/** What a write decides when it is its turn, from the newest state (queued writes included). Throwing refuses the write and changes nothing. */
export type Decision =
  /** Stores `object`; the store sets `metadata.resourceVersion`. */
  | { readonly action: 'put'; readonly object: StoredJson }
  | { readonly action: 'delete' }
  /** Nothing to change: no revision is used. */
  | { readonly action: 'keep' };

/** A change that watchers see. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  /** For DELETED: the last state, with resourceVersion = the revision of the deletion. */
  readonly entry: Entry;
  /** The state before; absent for ADDED. */
  readonly previous?: Entry;
}

/** Selects what a list or watch covers. */
export interface StoreScope {
  readonly resource: string;
  /** Absent = all namespaces. */
  readonly namespace?: string | undefined;
}

/** A page of entries in key order (namespace, then name), consistent at `revision`. */
export interface StorePage {
  readonly entries: readonly Entry[];
  readonly revision: number;
  /** Present while more follow: pass it to the next call. */
  readonly next?: StoreCursor;
  /** How many entries of the scope follow this page. */
  readonly remaining: number;
}

/** Where the next page starts, and the revision that all pages show. */
export interface StoreCursor {
  readonly revision: number;
  readonly afterNamespace: string;
  readonly afterName: string;
}

/** A subscription; events come in revision order, each exactly once, only after they are durable. */
export interface StoreWatch {
  /** Stops it; idempotent. */
  close(): void;
}

/** Receives a watch's events. `onEvents` is called synchronously with batches; it must not throw. */
export interface StoreWatcher {
  onEvents(events: readonly StoreEvent[]): void;
  /** The watch ended because the store closes. */
  onClose(): void;
}

/** How a write may be treated. */
export interface WriteOptions {
  /** Nobody waits for it: it may wait a few milliseconds for one that somebody waits for, so that both share a commit. */
  readonly canWait?: boolean | undefined;
}

/** The durable, watchable map of objects that the API server stands on. */
export interface Store {
  /** Revision of the newest durable write; 0 when nothing was ever written. */
  readonly revision: number;
  /** Oldest revision that a watch can resume after. */
  readonly compactedRevision: number;
  /** True while the disk refuses writes; reads go on. */
  readonly isRefusing: boolean;
  /** True while writes are refused because the objects take all the room that they may; deletions go on. */
  readonly isFull: boolean;
  /** What the objects take, and may take, in bytes. */
  readonly space: { readonly usedBytes: number; readonly budgetBytes: number };
  /** The newest durable state. */
  get(key: StoreKey): Entry | undefined;
  /** Everything of the scope, or pages of `limit`. @throws RevisionCompacted when the cursor's revision is no longer kept */
  list(scope: StoreScope, page?: { readonly limit: number; readonly cursor?: StoreCursor }): StorePage;
  /** Number of objects of a scope, without listing them. */
  count(scope: StoreScope): number;
  /**
   * Runs `decide` against the newest state of `key`, and answers when its decision is durable: the new entry, or the last one of a deleted object.
   * Decisions of one key never run at the same time. `keep` answers the current entry (undefined where there is none).
   * `decide` runs later than this call, in order of arrival over all keys, and may run against a state that is not durable yet; its answer waits for that state.
   * @throws what `decide` throws; StoreKeyMismatch; StoreClosed; StoreFull; StoreBusy when too many wait; StoreFailed when the disk refuses (nothing was changed then)
   */
  write(key: StoreKey, decide: (current: Entry | undefined) => Decision, options?: WriteOptions): Promise<Entry | undefined>;
  /**
   * Events after `afterRevision`, first those kept, then live ones. Kept ones are delivered in one batch before this call returns.
   * @throws RevisionCompacted; RevisionInFuture; StoreClosed
   */
  watch(scope: StoreScope, afterRevision: number, watcher: StoreWatcher): StoreWatch;
  /** Waits for queued writes, then closes the engine. */
  close(): Promise<void>;
}

/** One durable change, as the engine keeps it. */
export interface LogRecord {
  readonly revision: number;
  /** Revision of the record that this one supersedes; 0 for ADDED. */
  readonly previous: number;
  readonly key: StoreKey;
  readonly type: StoreEvent['type'];
  /** The new state; for DELETED the last one with the deletion's revision. */
  readonly bytes: Buffer;
}

/** What an engine finds when it is opened. */
export interface LoadedLog {
  /** Changes after this revision are all there. */
  readonly compactedRevision: number;
  /** In order of revision: all changes after `compactedRevision`, and of the older ones those that were current then. */
  readonly records: readonly LogRecord[];
}

/** What the store needs of a disk: a log of changes, of which superseded ones are dropped. Calls never overlap. */
export interface Engine {
  /** Opens it. Called once, first. A failing load leaves nothing open. */
  load(): Promise<LoadedLog>;
  /** Makes all records durable, all or none, in one commit. @throws StoreFailed */
  append(records: readonly LogRecord[]): Promise<void>;
  /** Drops what changes up to and including `revision` superseded or deleted; `revision` is smaller than the newest. */
  compact(revision: number): Promise<void>;
  close(): Promise<void>;
}
