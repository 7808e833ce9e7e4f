import { PlatformError } from '#kit/errors.ts';
import type { CallContext } from './call.ts';

/** What is under way for the volume stands against the call: CSI 1.13 "Error Scheme", "Operation pending for volume". */
export class OperationPending extends PlatformError {
  constructor(volumeId: string, obstacle: string) {
    super({
      code: 'Aborted',
      reason: 'OperationPending',
      message: `volume ${volumeId}: ${obstacle}; try again when that has ended`,
      details: { volumeId },
    });
  }
}

/** Calls of one volume that may wait behind the running one. */
export const MAX_WAITING_PER_VOLUME = 16;

interface Turn {
  start(): void;
}

/**
 * One operation at a time per volume, in order of arrival.
 *
 * CSI 1.13 "Error Scheme" lets a plugin refuse a second call with ABORTED and asks it to be graceful. We let it wait: two pods that start with the
 * same claim then need no retry with backoff. A pile cannot grow: a waiter leaves when its caller gives up, and above
 * {@link MAX_WAITING_PER_VOLUME} the answer is ABORTED, which every sidecar and the kubelet retry.
 */
export class VolumeLocks {
  readonly #waiting = new Map<string, Turn[]>();

  /** Runs `work` when no other work of `volumeId` runs. @throws OperationPending, PlatformError `Canceled` where the caller gave up while waiting */
  async run<T>(volumeId: string, call: CallContext, work: () => Promise<T>): Promise<T> {
    await this.#enter(volumeId, call.signal);
    try {
      return await work();
    } finally {
      this.#leave(volumeId);
    }
  }

  /** Runs `work` when no other work of any of the ids runs; absent and empty ones are left out. @throws as {@link run} */
  runAll<T>(ids: readonly (string | undefined)[], call: CallContext, work: () => Promise<T>): Promise<T> {
    // why: everybody takes locks in the same order, so that two calls never wait for each other
    const ordered = [...new Set(ids.filter((id) => id !== undefined && id !== ''))].toSorted((a = '', b = '') => (a < b ? -1 : 1));
    return ordered.reduceRight<() => Promise<T>>((inner, id) => () => this.run(id ?? '', call, inner), work)();
  }

  /** True while work of the volume runs. */
  isBusy(volumeId: string): boolean {
    return this.#waiting.has(volumeId);
  }

  #enter(volumeId: string, signal: AbortSignal | undefined): Promise<void> {
    const queue = this.#waiting.get(volumeId);
    if (queue === undefined) {
      this.#waiting.set(volumeId, []);
      return Promise.resolve();
    }
    if (queue.length >= MAX_WAITING_PER_VOLUME)
      return Promise.reject(new OperationPending(volumeId, `${queue.length} operations are already waiting`));
    return new Promise((resolve, reject) => {
      const turn: Turn = {
        start: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        const index = queue.indexOf(turn);
        if (index >= 0) queue.splice(index, 1);
        reject(
          new PlatformError({
            code: 'Canceled',
            reason: 'Canceled',
            message: `volume ${volumeId}: the caller gave up while waiting`,
            cause: signal?.reason,
          }),
        );
      };
      queue.push(turn);
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #leave(volumeId: string): void {
    const next = this.#waiting.get(volumeId)?.shift();
    if (next === undefined) this.#waiting.delete(volumeId);
    else next.start();
  }
}
