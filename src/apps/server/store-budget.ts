import { totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';
import { getHeapStatistics } from 'node:v8';
import { DEFAULT_LIMITS, type StoreLimits } from '#machinery/store/limits.ts';

/** What a process may use, in bytes. */
export interface MemoryLimits {
  /** Of the machine, or of the control group where that is less. */
  readonly memoryBytes: number;
  /** Of V8's heap. */
  readonly heapBytes: number;
}

const MIB = 1024 * 1024;
/** What the platform takes without objects, with room for what it is busy with. Measured: 122 MiB when idle. */
const BASE_BYTES = 192 * MIB;
const BASE_HEAP_BYTES = 128 * MIB;
/** A byte of an object takes up to this many: its own, those of its kept events, and those of reading it all at a start. Measured: 2.1. */
const MEMORY_FACTOR = 3;
/** And of the heap, where a controller or a list holds it in parsed form. */
const HEAP_FACTOR = 2;
/** Less than this serves nobody; more than this no start reads in a minute (etcd: 8 GiB is the most that is advised). */
const LEAST_BYTES = 16 * MIB;
const MOST_BYTES = 8 * 1024 * MIB;

/** How many bytes of objects a store may hold such that a start with all of them works in the same memory. */
export function storeBudget({ memoryBytes, heapBytes }: MemoryLimits): number {
  const byMemory = (memoryBytes - BASE_BYTES) / MEMORY_FACTOR;
  const byHeap = (heapBytes - BASE_HEAP_BYTES) / HEAP_FACTOR;
  return Math.floor(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, Math.min(byMemory, byHeap))));
}

/** The bounds of a store with this budget: events that are kept take up to half of it too. */
export function storeLimits(budgetBytes: number): Partial<StoreLimits> {
  const half = Math.floor(budgetBytes / 2);
  const { maxEventBytes, compactBytes } = DEFAULT_LIMITS;
  return { budgetBytes, maxEventBytes: Math.min(maxEventBytes, half), compactBytes: Math.min(compactBytes, half) };
}

/** Those of this process. */
export function ownMemoryLimits(): MemoryLimits {
  const limit = constrainedMemory();
  // why: without a limit the kernel answers a number beyond all memory
  const memoryBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { memoryBytes, heapBytes: getHeapStatistics().heap_size_limit };
}
