import { StoreFailed } from '#machinery/store/store-errors.ts';
import type { Engine, LoadedLog, LogRecord } from '#machinery/store/store.ts';

/** An engine in memory whose disk can be told to fail or to take its time; what it was given is there again when it is loaded again. */
export class FaultyEngine implements Engine {
  readonly #log = new Map<number, LogRecord>();
  #compactedRevision = 0;
  #failures = 0;
  #gate: Promise<void> | undefined;
  /** Sizes of the commits, in order. */
  readonly commits: number[] = [];
  /** Revisions that were asked to be compacted. */
  readonly compactions: number[] = [];
  isOpen = false;

  /** The next `commits` commits are refused. */
  failNext(commits: number): void {
    this.#failures = commits;
  }

  /** Commits wait until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return () => {
      this.#gate = undefined;
      resolve();
    };
  }

  /** Takes a record away, as a damaged disk would. */
  lose(revision: number): void {
    this.#log.delete(revision);
  }

  load(): Promise<LoadedLog> {
    this.isOpen = true;
    return Promise.resolve({ compactedRevision: this.#compactedRevision, records: [...this.#log.values()] });
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    await this.#gate;
    if (this.#failures > 0) {
      this.#failures -= 1;
      throw new StoreFailed('the disk is full, free some space there', new Error('ENOSPC'));
    }
    this.commits.push(records.length);
    for (const record of records) {
      if (this.#log.has(record.revision)) throw new Error(`revision ${record.revision} was written twice`);
      this.#log.set(record.revision, record);
    }
  }

  compact(revision: number): Promise<void> {
    this.compactions.push(revision);
    for (const record of this.#log.values()) {
      if (record.revision <= this.#compactedRevision || record.revision > revision) continue;
      this.#log.delete(record.previous);
      if (record.type === 'DELETED') this.#log.delete(record.revision);
    }
    this.#compactedRevision = revision;
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.isOpen = false;
    return Promise.resolve();
  }
}
