import type { Engine, LoadedLog } from './store.ts';

/** Keeps nothing: for tests, and for a platform that may forget everything when it stops. */
export class MemoryEngine implements Engine {
  load(): Promise<LoadedLog> {
    return Promise.resolve({ compactedRevision: 0, records: [] });
  }

  append(): Promise<void> {
    return Promise.resolve();
  }

  compact(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
