import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Clock, sleep } from '#kit/clock.ts';

/** What can be known of a process's heap, and done about it. */
export interface Heap {
  /** Bytes that the heap takes from the system. */
  takenBytes(): number;
  /** Share of the time since the last call in which the process was busy, 0 to 1. */
  busyShare(): number;
  /** Collects everything that is not live and gives the space back; stops the process for about 1 ms per MiB that lives. */
  collect(): void;
}

/** Looked at this often; a look costs microseconds. */
const PERIOD_MS = 5_000;
/** A process that is busier than this is left alone. */
const IDLE_SHARE = 0.05;
/** Growth since the last collection that is worth one. */
const WORTH_BYTES = 32 * 1024 * 1024;
/** The heap grows by this share of what lives before V8 collects it (its own factor may be 4). Measured: a quarter less memory after a burst for a twentieth of its speed. */
const GROWING_PERCENT = 80;

/** Gives memory back when nothing happens: V8 by itself keeps what a burst needed. Until `signal` aborts. */
export async function careForHeap(heap: Heap, clock: Clock, signal: AbortSignal): Promise<void> {
  let settledBytes = 0;
  heap.busyShare();
  while (!signal.aborted) {
    await sleep(clock, PERIOD_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    const takenBytes = heap.takenBytes();
    if (heap.busyShare() > IDLE_SHARE || takenBytes - settledBytes < WORTH_BYTES) continue;
    heap.collect();
    settledBytes = heap.takenBytes();
  }
}

/** The heap of this process; from now on it grows in smaller steps. */
export function processHeap(): Heap {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  let loop = performance.eventLoopUtilization();
  return {
    takenBytes: () => getHeapStatistics().total_heap_size,
    busyShare: () => {
      const { utilization } = performance.eventLoopUtilization(loop);
      loop = performance.eventLoopUtilization();
      return utilization;
    },
    collect: () => {
      if (typeof collect === 'function') collect({ type: 'major', flavor: 'last-resort' });
    },
  };
}
