import type { Clock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import { DurableState } from './durable-state.ts';
import { DEFAULT_LIMITS, type StoreLimits } from './limits.ts';
import { type PageRequest, readPage } from './list-page.ts';
import { StoreClosed } from './store-errors.ts';
import { StoreSpace } from './store-space.ts';
import type {
  Decision,
  Engine,
  Entry,
  Store,
  StoreEvent,
  StoreKey,
  StorePage,
  StoreScope,
  StoreWatch,
  StoreWatcher,
  WriteOptions,
} from './store.ts';
import { WatchHub } from './watch-hub.ts';
import { WriteQueue } from './write-queue.ts';

/** What a store is made of. */
export interface StoreOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Logger;
  /** Overrides of {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<StoreLimits>;
}

/** Opens the engine and reads everything current into memory. @throws StoreLocked, StoreDirectoryRefused, StoreDamaged, StoreFormatTooNew */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { engine, clock } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const log = options.log.with({ component: 'store' });
  const loaded = await engine.load();
  try {
    const state = new DurableState(loaded, limits, clock.nowMs());
    return new OpenStore({ engine, clock, log, limits, state });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

interface OpenStoreParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: StoreLimits;
  readonly state: DurableState;
}

class OpenStore implements Store {
  readonly #parts: OpenStoreParts;
  readonly #hub: WatchHub;
  readonly #queue: WriteQueue;
  readonly #space: StoreSpace;
  #engineCompacted: number;
  #engineDroppedBytes = 0;
  #closing: Promise<void> | undefined;

  constructor(parts: OpenStoreParts) {
    this.#parts = parts;
    this.#hub = new WatchHub(parts.log);
    this.#engineCompacted = parts.state.window.compactedRevision;
    this.#space = new StoreSpace(parts.limits.budgetBytes);
    this.#queue = new WriteQueue({
      engine: parts.engine,
      state: parts.state,
      limits: parts.limits,
      space: this.#space,
      clock: parts.clock,
      log: parts.log,
      onDurable: (events) => this.#publish(events),
      onIdleEngine: () => this.#compact(),
    });
  }

  get revision(): number {
    return this.#parts.state.revision;
  }

  get compactedRevision(): number {
    return this.#parts.state.window.compactedRevision;
  }

  get isRefusing(): boolean {
    return this.#queue.isRefusing;
  }

  get isFull(): boolean {
    return this.#space.isFull(this.#parts.state.index.usedBytes);
  }

  get space(): Store['space'] {
    return { usedBytes: this.#parts.state.index.usedBytes, budgetBytes: this.#space.budgetBytes };
  }

  get(key: StoreKey): Entry | undefined {
    return this.#parts.state.get(key);
  }

  list(scope: StoreScope, page?: PageRequest): StorePage {
    return readPage(this.#parts.state, scope, page);
  }

  count(scope: StoreScope): number {
    return this.#parts.state.index.count(scope);
  }

  write(key: StoreKey, decide: (current: Entry | undefined) => Decision, options?: WriteOptions): Promise<Entry | undefined> {
    if (this.#closing !== undefined) return Promise.reject(new StoreClosed());
    return this.#queue.add(key, decide, options);
  }

  watch(scope: StoreScope, afterRevision: number, watcher: StoreWatcher): StoreWatch {
    if (this.#closing !== undefined) throw new StoreClosed();
    const missed = this.#parts.state.window.after(afterRevision, scope);
    return { close: this.#hub.subscribe(scope, watcher, { position: this.revision, missed }) };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#queue.idle();
    this.#hub.close();
    await this.#parts.engine.close();
  }

  #publish(events: readonly StoreEvent[]): void {
    const { state, clock } = this.#parts;
    state.apply(events, clock.nowMs());
    this.#hub.publish(events);
    state.window.trim(clock.nowMs());
  }

  async #compact(): Promise<void> {
    const { compactedRevision } = this;
    const { limits, state } = this.#parts;
    const { droppedBytes } = state.window;
    // why bytes too: large objects that change often would fill the disk, and the memory of the next start, long before they are many
    const isDue =
      compactedRevision - this.#engineCompacted >= limits.compactStep || droppedBytes - this.#engineDroppedBytes >= limits.compactBytes;
    if (!isDue) return;
    this.#engineDroppedBytes = droppedBytes;
    // why set first: a refusing disk is asked again after another step, not after every commit
    this.#engineCompacted = compactedRevision;
    try {
      await this.#parts.engine.compact(compactedRevision);
    } catch (err) {
      this.#parts.log.warn('superseded records were not dropped, the next try follows', { err });
    }
  }
}
