import type { StoreLimits } from './limits.ts';
import { RevisionCompacted, RevisionInFuture } from './store-errors.ts';
import type { StoreEvent, StoreScope } from './store.ts';

type WindowLimits = Pick<StoreLimits, 'minEvents' | 'maxEvents' | 'maxEventBytes' | 'minEventAgeMs'>;

/** Part of `minEvents` that is dropped at a time, so that dropping costs little per event. */
const TRIM_FRACTION = 16;

/** The newest events without a gap: what watches resume from and pages look back with. */
export class EventWindow {
  readonly #limits: WindowLimits;
  readonly #events: StoreEvent[] = [];
  readonly #timesMs: number[] = [];
  #bytes = 0;
  #droppedBytes = 0;
  #compactedRevision: number;

  constructor(limits: WindowLimits, compactedRevision: number) {
    this.#limits = limits;
    this.#compactedRevision = compactedRevision;
  }

  /** Events after this revision are kept. */
  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  /** Revision of the newest event. */
  get revision(): number {
    return this.#compactedRevision + this.#events.length;
  }

  /** Bytes of all events that were dropped since the start. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Takes the event of revision `this.revision + 1`. */
  push(event: StoreEvent, nowMs: number): void {
    this.#events.push(event);
    this.#timesMs.push(nowMs);
    this.#bytes += event.entry.bytes.length;
  }

  /** The events after `revision`, of the scope where one is given. @throws RevisionCompacted, RevisionInFuture */
  after(revision: number, scope: StoreScope): StoreEvent[] {
    if (revision < this.#compactedRevision) throw new RevisionCompacted(revision, this.#compactedRevision);
    if (revision > this.revision) throw new RevisionInFuture(revision, this.revision);
    const found: StoreEvent[] = [];
    for (let index = revision - this.#compactedRevision; index < this.#events.length; index += 1) {
      const event = this.#events[index];
      if (event !== undefined && isInScope(event, scope)) found.push(event);
    }
    return found;
  }

  /** Drops what the limits no longer allow or want; the newest event always stays, because it carries the revision over a restart. */
  trim(nowMs: number): void {
    const step = Math.max(1, Math.floor(this.#limits.minEvents / TRIM_FRACTION));
    let count = 0;
    let bytes = this.#bytes;
    while (count < this.#events.length - 1 && this.#isSpare(count, bytes, nowMs)) {
      bytes -= this.#events[count]?.entry.bytes.length ?? 0;
      count += 1;
    }
    if (count < step && bytes > this.#bytes - this.#limits.maxEventBytes / TRIM_FRACTION) return;
    this.#events.splice(0, count);
    this.#timesMs.splice(0, count);
    this.#droppedBytes += this.#bytes - bytes;
    this.#bytes = bytes;
    this.#compactedRevision += count;
  }

  #isSpare(index: number, bytes: number, nowMs: number): boolean {
    const left = this.#events.length - index;
    const { minEvents, maxEvents, maxEventBytes, minEventAgeMs } = this.#limits;
    if (bytes > maxEventBytes || left > maxEvents) return true;
    return left > minEvents && nowMs - (this.#timesMs[index] ?? 0) > minEventAgeMs;
  }
}

/** True where the event's object belongs to the scope. */
export function isInScope(event: StoreEvent, scope: StoreScope): boolean {
  const { resource, namespace } = event.entry.key;
  return resource === scope.resource && (scope.namespace === undefined || namespace === scope.namespace);
}
