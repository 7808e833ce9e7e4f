import type { LiveQuery, ServerFrame } from '#api/console-frames.ts';
import type { Words } from '#api/explanation.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Clock } from './clock.ts';
import { Collection, type IndexFunction } from './collection.ts';
import { type LinkState, LiveSocket, type SocketHandlers, type SocketLike } from './live-socket.ts';

/** A problem of one list. */
export interface ListProblem {
  readonly type: 'denied' | 'error';
  readonly words: Words;
  readonly reason: string;
}

/** One list as pages see it; a new object for every published change. */
export interface LiveList {
  /** `loading` until the first snapshot; `stale` while changes may be missing. */
  readonly state: 'loading' | 'ready' | 'stale';
  readonly items: readonly KubeObject[];
  /** The present content of an index; see collection.ts. */
  readonly byIndex: (index: string, value: string) => readonly KubeObject[];
  readonly problem: ListProblem | undefined;
}

/** What the store is made of. */
export interface LiveStoreOptions {
  readonly open: (handlers: SocketHandlers) => SocketLike;
  readonly clock: Clock;
  readonly fraction: () => number;
  /** Runs the callback at the next frame that the browser draws. */
  readonly onNextFrame: (callback: () => void) => void;
  /** Index functions by resource. */
  readonly indexes: Readonly<Record<string, Readonly<Record<string, IndexFunction>>>>;
}

interface Entry {
  readonly id: number;
  readonly key: string;
  readonly query: LiveQuery;
  readonly collection: Collection;
  readonly listeners: Set<() => void>;
  /** What was published last. */
  list: LiveList;
  /** What the next frame will publish beside the objects; undefined = nothing new. */
  next: Pick<LiveList, 'state' | 'problem'> | undefined;
}

/** A list that no page shows is kept this long, in milliseconds, so that going back is instant. */
const LINGER_MS = 10_000;

/** Every live list of the tab over one socket; publishes at most once per drawn frame. */
export class LiveStore {
  readonly #options: LiveStoreOptions;
  readonly #socket: LiveSocket;
  readonly #entries = new Map<string, Entry>();
  readonly #byId = new Map<number, Entry>();
  readonly #linkListeners = new Set<() => void>();
  #link: LinkState = { state: 'connecting' };
  #serverAheadMs = 0;
  #nextId = 1;
  #isFrameAsked = false;

  constructor(options: LiveStoreOptions) {
    this.#options = options;
    this.#socket = new LiveSocket({ ...options, onFrame: (frame) => this.#receive(frame), onState: (state) => this.#setLink(state) });
  }

  /** Connects, now if it was waiting. */
  connect(): void {
    this.#socket.connect();
  }

  /** Forgets everything. */
  close(): void {
    this.#socket.close();
    this.#entries.clear();
    this.#byId.clear();
    this.#setLink({ state: 'connecting' });
  }

  get link(): LinkState {
    return this.#link;
  }

  /** The server's time in milliseconds, as far as the last connection told it. */
  serverNowMs(): number {
    return this.#options.clock.nowMs() + this.#serverAheadMs;
  }

  subscribeLink(listener: () => void): () => void {
    this.#linkListeners.add(listener);
    return () => this.#linkListeners.delete(listener);
  }

  /** Follows `query` until the disposer is called; equal queries share one subscription. */
  subscribe(query: LiveQuery, listener: () => void): () => void {
    const entry = this.#entry(query);
    entry.listeners.add(listener);
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size === 0) this.#options.clock.after(LINGER_MS, () => this.#dropUnused(entry));
    };
  }

  /** What is known of `query` now; the same object until something is published. */
  read(query: LiveQuery): LiveList {
    return this.#entries.get(keyOf(query))?.list ?? LOADING;
  }

  #entry(query: LiveQuery): Entry {
    const key = keyOf(query);
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const collection = new Collection(this.#options.indexes[query.resource] ?? {});
    const entry: Entry = { id: this.#nextId, key, query, collection, listeners: new Set(), list: LOADING, next: undefined };
    this.#nextId += 1;
    this.#entries.set(key, entry);
    this.#byId.set(entry.id, entry);
    this.#socket.send({ type: 'subscribe', id: entry.id, ...query });
    return entry;
  }

  #dropUnused(entry: Entry): void {
    if (entry.listeners.size > 0 || this.#entries.get(entry.key) !== entry) return;
    this.#entries.delete(entry.key);
    this.#byId.delete(entry.id);
    this.#socket.send({ type: 'unsubscribe', id: entry.id });
  }

  #receive(frame: Exclude<ServerFrame, { type: 'ping' }>): void {
    if (frame.type === 'hello') {
      this.#serverAheadMs = frame.nowMs - this.#options.clock.nowMs();
      for (const entry of this.#entries.values()) this.#socket.send({ type: 'subscribe', id: entry.id, ...entry.query });
      return;
    }
    const entry = this.#byId.get(frame.id);
    if (entry !== undefined) this.#apply(entry, frame);
  }

  #apply(entry: Entry, frame: Exclude<ServerFrame, { type: 'ping' | 'hello' }>): void {
    switch (frame.type) {
      case 'snapshot':
        entry.collection.applySnapshot(frame);
        if (frame.isLast) this.#change(entry, { state: 'ready', problem: undefined });
        break;
      case 'delta':
        entry.collection.applyChanges(frame.changes);
        this.#change(entry, {});
        break;
      case 'gap':
        this.#change(entry, { state: staleOf(entry) });
        break;
      case 'denied':
      case 'error': {
        const reason = frame.type === 'denied' ? 'Forbidden' : frame.reason;
        this.#change(entry, { state: staleOf(entry), problem: { type: frame.type, words: frame.words, reason } });
        break;
      }
      case 'bookmark':
        break;
    }
  }

  #change(entry: Entry, change: Partial<Pick<LiveList, 'state' | 'problem'>>): void {
    const { state, problem } = entry.next ?? entry.list;
    entry.next = { state, problem, ...change };
    if (this.#isFrameAsked) return;
    this.#isFrameAsked = true;
    this.#options.onNextFrame(() => this.#publish());
  }

  #publish(): void {
    this.#isFrameAsked = false;
    for (const entry of this.#entries.values()) {
      if (entry.next === undefined) continue;
      const { collection } = entry;
      entry.list = { ...entry.next, items: collection.items(), byIndex: (index, value) => collection.byIndex(index, value) };
      entry.next = undefined;
      for (const listener of entry.listeners) listener();
    }
  }

  #setLink(link: LinkState): void {
    this.#link = link;
    for (const listener of this.#linkListeners) listener();
  }
}

const LOADING: LiveList = { state: 'loading', items: [], byIndex: () => [], problem: undefined };

function staleOf(entry: Entry): LiveList['state'] {
  return (entry.next ?? entry.list).state === 'loading' ? 'loading' : 'stale';
}

function keyOf(query: LiveQuery): string {
  return `${query.resource}|${query.namespace ?? ''}|${query.fieldSelector ?? ''}`;
}
