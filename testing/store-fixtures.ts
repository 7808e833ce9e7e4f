import { silentLogger } from '#kit/log.ts';
import type { StoreLimits } from '#machinery/store/limits.ts';
import { openStore } from '#machinery/store/open-store.ts';
import type { Engine, Entry, Store, StoredJson, StoreEvent, StoreKey, StoreScope, StoreWatch } from '#machinery/store/store.ts';
import { FakeClock } from './fake-clock.ts';

/** A key of a config map, the default, or of another resource. */
export function aStoreKey(name: string, { namespace = 'default', resource = 'configmaps' } = {}): StoreKey {
  return { resource, namespace, name };
}

/** An object as a writer hands it to the store. */
export function aStoredObject(key: StoreKey, value: unknown): StoredJson {
  const metadata = { name: key.name, uid: `uid-${key.name}`, ...(key.namespace === '' ? {} : { namespace: key.namespace }) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value } };
}

/** The value that {@link aStoredObject} was given. */
export function valueOf(entry: Entry | undefined): unknown {
  const data = entry?.object['data'];
  return typeof data === 'object' && data !== null && 'value' in data ? data.value : undefined;
}

/** Stores `value` under `key` whatever is there. */
export function putValue(store: Store, key: StoreKey, value: unknown): Promise<Entry | undefined> {
  return store.write(key, () => ({ action: 'put', object: aStoredObject(key, value) }));
}

/** Deletes `key`. */
export function deleteKey(store: Store, key: StoreKey): Promise<Entry | undefined> {
  return store.write(key, () => ({ action: 'delete' }));
}

/** A store on `engine` with a clock that stands still. */
export function aStore(engine: Engine, limits: Partial<StoreLimits> = {}, clock = new FakeClock()): Promise<Store> {
  return openStore({ engine, clock, log: silentLogger, limits });
}

/** What a watch brought. */
export interface RecordedWatch {
  readonly watch: StoreWatch;
  readonly events: StoreEvent[];
  /** Sizes of the batches, in order. */
  readonly batches: number[];
  isEnded: boolean;
}

/** Watches and keeps everything that comes. */
export function recordWatch(store: Store, scope: StoreScope, afterRevision: number): RecordedWatch {
  const events: StoreEvent[] = [];
  const batches: number[] = [];
  const recorded = { events, batches, isEnded: false };
  const watch = store.watch(scope, afterRevision, {
    onEvents: (batch) => {
      events.push(...batch);
      batches.push(batch.length);
    },
    onClose: () => {
      recorded.isEnded = true;
    },
  });
  return Object.assign(recorded, { watch });
}

/** `TYPE name@revision value` of each event, for comparison. */
export function describeEvents(events: readonly StoreEvent[]): string[] {
  return events.map(({ type, entry, revision }) => `${type} ${entry.key.name}@${revision} ${JSON.stringify(valueOf(entry))}`);
}
