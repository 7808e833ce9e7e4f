import { PoolFull } from './errors.ts';

/** How much of a pool was promised to volumes and snapshots: the pool is thin, so promises count, not blocks. */
export class CapacityLedger {
  readonly capacityBytes: bigint;
  #promisedBytes = 0n;

  constructor(capacityBytes: bigint) {
    this.capacityBytes = capacityBytes;
  }

  /** What may still be promised. */
  get freeBytes(): bigint {
    const free = this.capacityBytes - this.#promisedBytes;
    return free > 0n ? free : 0n;
  }

  /** Promises that much, or nothing. @throws PoolFull */
  promise(sizeBytes: bigint): void {
    // why: check and promise in one step without a wait between, so that two creations cannot both take the last space
    if (sizeBytes > this.freeBytes) throw new PoolFull(sizeBytes, this.freeBytes, this.capacityBytes);
    this.#promisedBytes += sizeBytes;
  }

  /** Counts what exists already, also beyond the capacity: a pool may have been made smaller. */
  count(sizeBytes: bigint): void {
    this.#promisedBytes += sizeBytes;
  }

  release(sizeBytes: bigint): void {
    this.#promisedBytes -= sizeBytes;
  }
}
