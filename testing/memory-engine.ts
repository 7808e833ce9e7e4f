import type { Engine, LoadedLog } from '#machinery/store/store.ts';

/** Keeps nothing: for tests that need no disk. */
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
