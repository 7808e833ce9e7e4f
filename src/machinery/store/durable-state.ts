import { EventWindow } from './event-window.ts';
import type { StoreLimits } from './limits.ts';
import { ObjectIndex } from './object-index.ts';
import { StoreDamaged } from './store-errors.ts';
import { ParsedObjects, StoredEntry } from './stored-entry.ts';
import type { Entry, LoadedLog, LogRecord, StoreEvent, StoreKey } from './store.ts';

/** What is durable: the current entries and the kept events. Changes only through {@link DurableState.apply}. */
export class DurableState {
  readonly index = new ObjectIndex();
  readonly window: EventWindow;
  readonly parsed: ParsedObjects;

  /** Rebuilds the state from an engine's log. @throws StoreDamaged where revisions are missing */
  constructor(log: LoadedLog, limits: StoreLimits, nowMs: number) {
    this.window = new EventWindow(limits, log.compactedRevision);
    this.parsed = new ParsedObjects(limits.parsedBytes);
    const known = new Map<string, string>();
    const share = (text: string): string => {
      const shared = known.get(text);
      if (shared === undefined) known.set(text, text);
      return shared ?? text;
    };
    for (const record of log.records) this.#replay(record, share, nowMs);
    this.window.trim(nowMs);
  }

  get revision(): number {
    return this.window.revision;
  }

  get(key: StoreKey): Entry | undefined {
    return this.index.get(key);
  }

  /** Takes over events that just became durable. */
  apply(events: readonly StoreEvent[], nowMs: number): void {
    for (const event of events) {
      this.#show(event);
      this.window.push(event, nowMs);
    }
  }

  #replay(record: LogRecord, share: (text: string) => string, nowMs: number): void {
    // why shared: each row brings its own copy of the same few resource and namespace names
    const key = { resource: share(record.key.resource), namespace: share(record.key.namespace), name: record.key.name };
    const entry = new StoredEntry(key, record, this.parsed);
    const event = eventOf(record.type, entry, this.index.get(key));
    this.#show(event);
    if (record.revision <= this.window.compactedRevision) return;
    if (record.revision !== this.window.revision + 1) {
      throw new StoreDamaged('the store', `revision ${this.window.revision + 1} is missing before ${record.revision}`);
    }
    this.window.push(event, nowMs);
  }

  #show(event: StoreEvent): void {
    if (event.type === 'DELETED') this.index.delete(event.entry.key);
    else this.index.set(event.entry);
  }
}

/** An event; `previous` is left out where there is none. */
export function eventOf(type: StoreEvent['type'], entry: Entry, previous: Entry | undefined): StoreEvent {
  const { revision } = entry;
  return previous === undefined ? { type, revision, entry } : { type, revision, entry, previous };
}
