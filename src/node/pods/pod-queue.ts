import type { Clock, Timer } from '#kit/clock.ts';
import { PatientLimiter } from '../patient-limiter.ts';

/**
 * Work that takes longer waits for somebody outside, such as a driver that hangs, and gives its place to other pods: then there are at most as
 * many works as pods.
 */
const PATIENCE_MS = 2_000;

/** Works on pods: one pod never twice at a time, several pods side by side. Holds one entry per pod that is waiting or being worked on. */
export class PodQueue {
  readonly #clock: Clock;
  readonly #limiter: PatientLimiter;
  readonly #work: (uid: string) => Promise<number | undefined>;
  readonly #entries = new Map<string, Entry>();
  #isStopped = false;

  /** `work` answers after how many milliseconds it wants to look again by itself; it must not throw. */
  constructor(options: {
    readonly clock: Clock;
    readonly concurrency: number;
    readonly work: (uid: string) => Promise<number | undefined>;
  }) {
    this.#clock = options.clock;
    this.#limiter = new PatientLimiter({ clock: options.clock, limit: options.concurrency, patienceMs: PATIENCE_MS });
    this.#work = options.work;
  }

  /** Has the pod looked at soon; calls that come while it waits are one. */
  wake(uid: string): void {
    if (this.#isStopped) return;
    const entry = this.#entries.get(uid) ?? { isRunning: false, isDirty: false };
    this.#entries.set(uid, entry);
    entry.timer?.cancel();
    entry.timer = undefined;
    if (entry.isRunning) entry.isDirty = true;
    else entry.done = this.#run(uid, entry);
  }

  /** Takes no more work and waits for what is running. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const entry of this.#entries.values()) entry.timer?.cancel();
    await Promise.all([...this.#entries.values()].map(async (entry) => entry.done));
    this.#entries.clear();
  }

  async #run(uid: string, entry: Entry): Promise<void> {
    entry.isRunning = true;
    entry.delayMs = await this.#limiter.run(async () => {
      entry.isDirty = false;
      return this.#isStopped ? undefined : this.#work(uid);
    });
    entry.isRunning = false;
    if (this.#isStopped) return;
    if (entry.isDirty) this.wake(uid);
    else if (entry.delayMs === undefined) this.#entries.delete(uid);
    else entry.timer = this.#clock.after(entry.delayMs, () => this.wake(uid));
  }
}

interface Entry {
  isRunning: boolean;
  /** Woken while it was being worked on. */
  isDirty: boolean;
  delayMs?: number | undefined;
  timer?: Timer | undefined;
  done?: Promise<void> | undefined;
}
