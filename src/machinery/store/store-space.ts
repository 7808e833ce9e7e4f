import { isRecord } from '#kit/json.ts';
import { StoreFull } from './store-errors.ts';
import type { Entry, StoredJson } from './store.ts';

/** What an object costs beside its bytes: its entry, key and places in indexes. Measured: 0.9 KiB. */
const ENTRY_BYTES = 1_024;
/** Objects that are there may go on changing by so little each time, up to the reserve: leases, statuses and finalizers belong to what frees space. */
const SMALL_GROWTH_BYTES = 1_024;
/** Part of the budget, beyond it, that only small growth may use. */
const RESERVE_SHARE = 1 / 8;
/** Part of the budget below which a store that was full is so no longer. */
const ROOM_SHARE = 0.95;

/** What `entry` takes of the budget. */
export function costOf(entry: Pick<Entry, 'bytes'>): number {
  return entry.bytes.length + ENTRY_BYTES;
}

/** Whether a write has room. Deletions always have, and so has what shrinks an object or begins its deletion. */
export class StoreSpace {
  readonly budgetBytes: number;
  #isFull = false;

  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
  }

  /** True from a write that was refused for want of room until there is some again. */
  isFull(usedBytes: number): boolean {
    if (usedBytes < this.budgetBytes * ROOM_SHARE) this.#isFull = false;
    return this.#isFull;
  }

  /** Takes a write that makes `next` of `current`, while `usedBytes` are in use. @throws StoreFull */
  take(current: Entry | undefined, next: Entry, usedBytes: number): void {
    const growthBytes = costOf(next) - (current === undefined ? 0 : costOf(current));
    if (growthBytes <= 0 || usedBytes + growthBytes <= this.budgetBytes) return;
    if (current !== undefined) {
      const limitBytes = this.budgetBytes * (1 + RESERVE_SHARE);
      if (growthBytes <= SMALL_GROWTH_BYTES && usedBytes + growthBytes <= limitBytes) return;
      if (isBeingDeleted(next.object) && !isBeingDeleted(current.object)) return;
    }
    this.#isFull = true;
    throw new StoreFull(this.budgetBytes);
  }
}

function isBeingDeleted({ metadata }: StoredJson): boolean {
  return isRecord(metadata) && metadata['deletionTimestamp'] !== undefined;
}
