import type { Clock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import { type DurableState, eventOf } from './durable-state.ts';
import type { StoreLimits } from './limits.ts';
import { StoreBusy, StoreFailed } from './store-errors.ts';
import { formatStoreKey, serialise, StoredEntry } from './stored-entry.ts';
import { costOf, type StoreSpace } from './store-space.ts';
import type { Decision, Engine, Entry, LogRecord, StoredJson, StoreEvent, StoreKey, WriteOptions } from './store.ts';

/** A write that waits for its turn. */
interface WaitingWrite {
  readonly key: StoreKey;
  readonly decide: (current: Entry | undefined) => Decision;
  readonly resolve: (entry: Entry | undefined) => void;
  readonly reject: (error: unknown) => void;
  readonly canWait: boolean;
}

/** Somebody who has written so long ago, and {@link IN_A_ROW} times in a row, will write again: writes that can wait join that one. In milliseconds. */
const RECENT_MS = 5;
/** So many writes, each soon after the one before it, are written in a row. */
const IN_A_ROW = 3;
/** How long a write that can wait waits for one that can't, at most; in milliseconds. */
const PATIENCE_MS = 3;
/** So many that can wait are worth a commit of their own. */
const WORTH_A_COMMIT = 64;

/** Writes that were decided and become durable together. */
interface Batch {
  readonly events: StoreEvent[];
  /** What the batch adds to the budget. */
  growthBytes: number;
  /** Newest state of the keys that the batch changes; undefined = deleted. */
  readonly newest: Map<string, Entry | undefined>;
  /** How each write ends that stands on the batch: `succeed` once it is durable, `refuse` where it failed. */
  readonly outcomes: { readonly succeed: () => void; readonly refuse: (error: unknown) => void }[];
}

/** What the queue works with. */
export interface WriteQueueDeps {
  readonly engine: Engine;
  readonly state: DurableState;
  readonly limits: StoreLimits;
  readonly space: StoreSpace;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes over events that are durable now; runs before their writers are answered. */
  readonly onDurable: (events: readonly StoreEvent[]) => void;
  /** Runs between two commits, while the engine is free. */
  readonly onIdleEngine: () => Promise<void>;
}

/**
 * The only writer of the engine. Writes are decided in order of arrival, many to a commit: while one commit runs, the next batch gathers.
 * While somebody writes, those that can wait join the commits of those that can't: one client that writes in a row shares the disk with nobody.
 * A batch that the disk refuses leaves no trace: its events were shown to nobody and its revisions are given to the next batch.
 */
export class WriteQueue {
  readonly #deps: WriteQueueDeps;
  readonly #waiting: WaitingWrite[] = [];
  #draining: Promise<void> | undefined;
  #isRefusing = false;
  /** How many of those that wait can't wait any longer. */
  #urgent = 0;
  #lastUrgentMs = Number.NEGATIVE_INFINITY;
  #urgentInARow = 0;
  #wake: () => void = () => {};
  #isEnding = false;

  constructor(deps: WriteQueueDeps) {
    this.#deps = deps;
  }

  /** True from a commit that the disk refused until one that it took. */
  get isRefusing(): boolean {
    return this.#isRefusing;
  }

  /** Queues a write. @throws StoreBusy */
  add(key: StoreKey, decide: WaitingWrite['decide'], { canWait = false }: WriteOptions = {}): Promise<Entry | undefined> {
    const { queuedWrites } = this.#deps.limits;
    if (this.#waiting.length >= queuedWrites) return Promise.reject(new StoreBusy(queuedWrites));
    const { promise, resolve, reject } = Promise.withResolvers<Entry | undefined>();
    this.#waiting.push({ key, decide, resolve, reject, canWait });
    if (!canWait) this.#noteUrgent();
    if (!canWait || this.#waiting.length >= WORTH_A_COMMIT) this.#wake();
    this.#draining ??= this.#drain();
    return promise;
  }

  /** Resolves when no write waits; from now on none waits for another. */
  async idle(): Promise<void> {
    // why: nothing comes that they could wait for, and their timer keeps no process alive
    this.#isEnding = true;
    this.#wake();
    while (this.#draining !== undefined) await this.#draining;
  }

  #noteUrgent(): void {
    const nowMs = this.#deps.clock.nowMs();
    this.#urgent += 1;
    this.#urgentInARow = this.#isRecent(nowMs) ? this.#urgentInARow + 1 : 1;
    this.#lastUrgentMs = nowMs;
  }

  #isRecent(nowMs: number): boolean {
    // why absolute: a clock that was set back would let writes wait for hours
    return Math.abs(nowMs - this.#lastUrgentMs) < RECENT_MS;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // why: commits block the thread, so requests get in between; and what they bring joins this commit
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#canAllWait()) await this.#untilWorthACommit();
      await this.#commit(this.#decideBatch());
      await this.#deps.onIdleEngine();
    }
    this.#draining = undefined;
  }

  #canAllWait(): boolean {
    if (this.#isEnding || this.#urgent > 0 || this.#waiting.length >= WORTH_A_COMMIT) return false;
    return this.#urgentInARow >= IN_A_ROW && this.#isRecent(this.#deps.clock.nowMs());
  }

  async #untilWorthACommit(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#deps.clock.after(PATIENCE_MS, resolve);
    this.#wake = resolve;
    await promise;
    timer.cancel();
  }

  #decideBatch(): Batch {
    const { batchRecords, batchBytes } = this.#deps.limits;
    const batch: Batch = { events: [], growthBytes: 0, newest: new Map(), outcomes: [] };
    let bytes = 0;
    for (let turn = 0; turn < batchRecords && bytes < batchBytes; turn += 1) {
      const write = this.#waiting.shift();
      if (write === undefined) break;
      if (!write.canWait) this.#urgent -= 1;
      bytes += this.#decide(write, batch);
    }
    return batch;
  }

  /** Lets one write decide; returns the bytes that it adds to the batch. */
  #decide(write: WaitingWrite, batch: Batch): number {
    const id = formatStoreKey(write.key);
    const standsOnBatch = batch.newest.has(id);
    const current = standsOnBatch ? batch.newest.get(id) : this.#deps.state.get(write.key);
    let event: StoreEvent | undefined;
    let succeed: () => void;
    try {
      const decided = this.#eventFor(write, current, this.#deps.state.revision + batch.events.length + 1);
      if (decided !== undefined) batch.growthBytes += this.#growthOf(decided, current, batch.growthBytes);
      // why only now: an event for which there is no room is none
      event = decided;
      const answer = event?.entry ?? current;
      succeed = () => write.resolve(answer);
    } catch (error) {
      succeed = () => write.reject(error);
    }
    if (event === undefined && !standsOnBatch) {
      succeed();
      return 0;
    }
    // why also refusals and keeps: what they saw is not durable yet
    batch.outcomes.push({ succeed, refuse: write.reject });
    if (event === undefined) return 0;
    batch.events.push(event);
    batch.newest.set(id, event.type === 'DELETED' ? undefined : event.entry);
    return event.entry.bytes.length;
  }

  /** What the event adds to the budget. @throws StoreFull */
  #growthOf({ type, entry }: StoreEvent, current: Entry | undefined, pendingBytes: number): number {
    const before = current === undefined ? 0 : costOf(current);
    if (type === 'DELETED') return -before;
    this.#deps.space.take(current, entry, this.#deps.state.index.usedBytes + pendingBytes);
    return costOf(entry) - before;
  }

  #eventFor(write: WaitingWrite, current: Entry | undefined, revision: number): StoreEvent | undefined {
    const decision = write.decide(current);
    const key = current?.key ?? { resource: write.key.resource, namespace: write.key.namespace, name: write.key.name };
    switch (decision.action) {
      case 'keep':
        return undefined;
      case 'put':
        return eventOf(current === undefined ? 'ADDED' : 'MODIFIED', this.#entryOf(key, decision.object, revision), current);
      case 'delete':
        return current === undefined ? undefined : eventOf('DELETED', this.#entryOf(key, current.object, revision), current);
    }
  }

  #entryOf(key: StoreKey, object: StoredJson, revision: number): Entry {
    return new StoredEntry(key, { revision, bytes: serialise(key, object, revision) }, this.#deps.state.parsed);
  }

  async #commit(batch: Batch): Promise<void> {
    if (batch.events.length > 0) {
      try {
        await this.#deps.engine.append(batch.events.map(recordOf));
      } catch (cause) {
        const error =
          cause instanceof StoreFailed ? cause : new StoreFailed('the write was not stored, nothing was changed: see the cause', cause);
        if (!this.#isRefusing) this.#deps.log.error('the store refuses writes', { count: batch.events.length, err: error });
        this.#isRefusing = true;
        for (const outcome of batch.outcomes) outcome.refuse(error);
        return;
      }
      if (this.#isRefusing) this.#deps.log.info('the store takes writes again');
      this.#isRefusing = false;
      this.#deps.onDurable(batch.events);
    }
    for (const outcome of batch.outcomes) outcome.succeed();
  }
}

function recordOf(event: StoreEvent): LogRecord {
  const { type, revision, entry } = event;
  return { type, revision, key: entry.key, bytes: entry.bytes, previous: event.previous?.revision ?? 0 };
}
