import type { Engine, LoadedLog, LogRecord } from '#machinery/store/store.ts';

/** What is durable of the store. */
export class SimDisk {
  readonly log = new Map<number, LogRecord>();
  compactedRevision = 0;
}

/** Where a commit stands: before it is durable, or after that and before its answer. */
export type CommitMoment = 'before' | 'after';

/** The engine of one run of the store on a disk that outlives it. `pass` is called around each commit and never resolves where the process dies there. */
export class SimEngine implements Engine {
  readonly #disk: SimDisk;
  readonly #pass: (moment: CommitMoment) => Promise<void>;

  constructor(disk: SimDisk, pass: (moment: CommitMoment) => Promise<void>) {
    this.#disk = disk;
    this.#pass = pass;
  }

  load(): Promise<LoadedLog> {
    const records = [...this.#disk.log.values()];
    return Promise.resolve({ compactedRevision: this.#disk.compactedRevision, records });
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    await this.#pass('before');
    for (const record of records) {
      if (this.#disk.log.has(record.revision)) throw new TypeError(`revision ${record.revision} was written twice`);
      this.#disk.log.set(record.revision, record);
    }
    await this.#pass('after');
  }

  compact(revision: number): Promise<void> {
    const { log, compactedRevision } = this.#disk;
    for (const record of log.values()) {
      if (record.revision <= compactedRevision || record.revision > revision) continue;
      log.delete(record.previous);
      if (record.type === 'DELETED') log.delete(record.revision);
    }
    this.#disk.compactedRevision = revision;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
