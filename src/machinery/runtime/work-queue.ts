import type { Clock, Timer } from '#kit/clock.ts';
import { backoffMs, type BackoffPolicy, RECONCILE_BACKOFF } from '#kit/retry.ts';
import { RankedKeys } from './ranked-keys.ts';

/** What a {@link WorkQueue} is made of. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  /** How many keys are worked on at a time; with lanes, of each lane. */
  readonly concurrency: number;
  /** On whom the work on `key` waits, for example a driver: who hangs then holds up his own keys only. Absent = all keys are one lane. */
  readonly laneOf?: ((key: string) => string) | undefined;
  /** Keys of higher priority are worked on first, those of one priority in the order in which they came; looked at when a key is added. Absent = all alike. */
  readonly priorityOf?: ((key: string) => number) | undefined;
  /** Works on one key; never called twice at a time for the same key; must not throw. */
  readonly work: (key: string) => Promise<void>;
  /** Delays of `retry`; default {@link RECONCILE_BACKOFF}. */
  readonly backoff?: BackoffPolicy;
  /** Told of what happens to keys, for metrics. */
  readonly observer?: QueueObserver;
}

/** Told of what a {@link WorkQueue} does. */
export interface QueueObserver {
  /** The number of keys that wait for a worker changed. */
  depth(keys: number): void;
  /** A key was added that did not wait already. */
  added(key: string): void;
  /** Work on a key begins. */
  started(key: string): void;
  /** Work on a key ended. */
  ended(key: string): void;
  /** A key is to be worked on again after a failure. */
  retried(): void;
}

/**
 * Keys that want work. A key waits at most once however often it is added; a key added while it is worked on is worked on again afterwards.
 * Memory is bounded by the number of distinct keys. Starts paused.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Keys that wait for a worker, each with the name of the lane that it waits in. */
  readonly #ready = new Map<string, string>();
  /** Lanes with keys that wait; those that have none any more are dropped. */
  readonly #lanes = new Map<string, Lane>();
  readonly #running = new Set<string>();
  readonly #delayed = new Map<string, { readonly timer: Timer; readonly dueMs: number }>();
  readonly #failures = new Map<string, number>();
  readonly #waiters = new Set<() => void>();
  #state: 'paused' | 'running' | 'stopped' = 'paused';
  #isPumpPlanned = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return this.#ready.size;
  }

  /** True while nothing waits for a worker and nothing is worked on; delayed keys don't count. */
  get isIdle(): boolean {
    return this.#ready.size === 0 && this.#running.size === 0;
  }

  /** Lets the work begin. */
  start(): void {
    if (this.#state === 'paused') this.#state = 'running';
    this.#plan();
  }

  /** Wants `key` worked on as soon as a worker is free. */
  add(key: string): void {
    if (this.#state === 'stopped') return;
    const waitsIn = this.#ready.get(key);
    if (waitsIn !== undefined) {
      // why: what changed may be whom the key waits for, and a lane that hangs must not keep what is another's by now
      if (waitsIn !== this.#laneOf(key)) this.#move(key, waitsIn);
      return;
    }
    this.#line(key);
    this.#options.observer?.added(key);
    this.#options.observer?.depth(this.#ready.size);
    this.#plan();
  }

  /** Wants `key` worked on after `delayMs`, or earlier where something else adds it. */
  addAfter(key: string, delayMs: number): void {
    if (this.#state === 'stopped') return;
    const { clock } = this.#options;
    const dueMs = clock.nowMs() + delayMs;
    const waiting = this.#delayed.get(key);
    if (waiting !== undefined && waiting.dueMs <= dueMs) return;
    waiting?.timer.cancel();
    const timer = clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { timer, dueMs });
  }

  /** Wants `key` worked on again after a delay that grows with each call since the last `forget`; answers how many calls there were. */
  retry(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#options.observer?.retried();
    this.addAfter(key, backoffMs(this.#options.backoff ?? RECONCILE_BACKOFF, failures));
    return failures + 1;
  }

  /** The next `retry` of `key` starts with the first delay again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Resolves when nothing waits for a worker and nothing is worked on. */
  async idle(): Promise<void> {
    while (!this.isIdle) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  /** Drops what waits, and resolves when the running work has ended. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    this.#ready.clear();
    for (const lane of this.#lanes.values()) lane.waiting.clear();
    this.#failures.clear();
    this.#options.observer?.depth(0);
    this.#wakeIfIdle();
    await this.idle();
  }

  #plan(): void {
    if (this.#state !== 'running' || this.#isPumpPlanned) return;
    this.#isPumpPlanned = true;
    // why: adders are called in the middle of cache updates; work must see the cache after them
    queueMicrotask(() => {
      this.#isPumpPlanned = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#state !== 'running') return;
    for (const [name, lane] of this.#lanes) this.#pumpLane(name, lane);
  }

  #pumpLane(name: string, lane: Lane): void {
    for (const key of lane.waiting) {
      if (lane.running >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue;
      // why: what the key stands for may have changed while it waited, and its work must not hold up a lane that it is not of
      if (this.#laneOf(key) === name) void this.#work(key, { name, lane });
      else this.#move(key, name);
    }
    if (lane.running === 0 && lane.waiting.size === 0) this.#lanes.delete(name);
  }

  /** From the lane `from` into the one that the key is of now. */
  #move(key: string, from: string): void {
    this.#lanes.get(from)?.waiting.delete(key);
    this.#line(key);
    // why: the lane that it is of now may have been looked at already, and nothing else may ever happen
    this.#plan();
  }

  #line(key: string): void {
    const name = this.#laneOf(key);
    this.#ready.set(key, name);
    const lane = this.#lanes.get(name) ?? { waiting: new RankedKeys(), running: 0 };
    this.#lanes.set(name, lane);
    lane.waiting.add(key, this.#options.priorityOf?.(key) ?? 0);
  }

  #laneOf(key: string): string {
    return this.#options.laneOf?.(key) ?? '';
  }

  async #work(key: string, { name, lane }: { readonly name: string; readonly lane: Lane }): Promise<void> {
    this.#ready.delete(key);
    lane.waiting.delete(key);
    lane.running += 1;
    this.#running.add(key);
    this.#options.observer?.started(key);
    this.#options.observer?.depth(this.#ready.size);
    // why: the work that begins now decides anew when the key is wanted again
    this.#delayed.get(key)?.timer.cancel();
    this.#delayed.delete(key);
    try {
      await this.#options.work(key);
    } finally {
      this.#running.delete(key);
      lane.running -= 1;
      if (lane.running === 0 && lane.waiting.size === 0) this.#lanes.delete(name);
      this.#options.observer?.ended(key);
      this.#plan();
      this.#wakeIfIdle();
    }
  }

  #wakeIfIdle(): void {
    if (!this.isIdle) return;
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}

/** Keys that wait on the same one. */
interface Lane {
  readonly waiting: RankedKeys;
  running: number;
}
