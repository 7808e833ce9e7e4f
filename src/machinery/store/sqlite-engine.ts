import { chmodSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { trusted } from '#kit/json.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { ensurePrivateDirectory, syncDirectory } from './private-directory.ts';
import { createPrivateFile } from './private-file.ts';
import { openingError, writingError } from './sqlite-errors.ts';
import { describeWrongChecksum, readFormat, rowChecksum, upgradeFormat } from './sqlite-format.ts';
import { giveBackSpace, makeNewShrinkable, shrinkAtStart } from './sqlite-space.ts';
import { StoreClosed, StoreDamaged } from './store-errors.ts';
import type { Engine, LoadedLog, LogRecord } from './store.ts';

/** Name of the database in the store's directory. */
export const STORE_FILE = 'store.db';
/** The write-ahead log is cut back to this size after it was larger. */
const WAL_KEPT_BYTES = 16 * 1024 * 1024;

interface LogRow {
  readonly revision: number;
  readonly previous: number;
  readonly type: LogRecord['type'];
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly crc: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface OpenDatabase {
  readonly database: DatabaseSync;
  readonly insert: StatementSync;
  readonly lock: DirectoryLock;
}

/**
 * The log in one SQLite file: write-ahead journal, and a commit answers after the disk has it (synchronous=FULL).
 * Calls block the thread for the time of a commit; the store bounds what one carries.
 */
export class SqliteEngine implements Engine {
  readonly #directory: string;
  readonly #path: string;
  #open: OpenDatabase | undefined;

  /** `directory` is made if need be; it belongs to this store alone. */
  constructor(options: { readonly directory: string }) {
    this.#directory = options.directory;
    this.#path = join(options.directory, STORE_FILE);
  }

  /** @throws StoreLocked, StoreDirectoryRefused, StoreDamaged, StoreFormatTooNew */
  async load(): Promise<LoadedLog> {
    ensurePrivateDirectory(this.#directory);
    const lock = lockDirectory(this.#directory);
    let database: DatabaseSync | undefined;
    try {
      this.#inspect();
      database = openForWriting(this.#path);
      const loaded = this.#read(database);
      // why after it: a file that is refused is not changed
      shrinkAtStart(database);
      // why here: the first read has made the -wal file, whose name must survive a power cut as well
      syncDirectory(this.#directory);
      const insert = database.prepare(
        'INSERT INTO log (revision, previous, type, resource, namespace, name, crc, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      );
      this.#open = { database, insert, lock };
      return loaded;
    } catch (error) {
      database?.close();
      lock.release();
      throw openingError(this.#path, error);
    }
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    const { database, insert } = this.#opened();
    this.#transact(database, () => {
      for (const { revision, previous, type, key, bytes } of records) {
        const { resource, namespace, name } = key;
        const crc = rowChecksum({ revision, previous, type, resource, namespace, name, bytes });
        insert.run(revision, previous, type, resource, namespace, name, crc, bytes);
      }
    });
  }

  async compact(revision: number): Promise<void> {
    const { database } = this.#opened();
    this.#transact(database, () => {
      const from = readCompaction(database);
      database
        .prepare('DELETE FROM log WHERE revision IN (SELECT previous FROM log WHERE revision > ? AND revision <= ? AND previous > 0)')
        .run(from, revision);
      database.prepare("DELETE FROM log WHERE revision > ? AND revision <= ? AND type = 'DELETED'").run(from, revision);
      database.prepare('UPDATE compaction SET revision = ?').run(revision);
    });
    giveBackSpace(database);
  }

  async close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    open.database.close();
    open.lock.release();
  }

  #opened(): OpenDatabase {
    if (this.#open === undefined) throw new StoreClosed();
    return this.#open;
  }

  #transact(database: DatabaseSync, work: () => void): void {
    try {
      database.exec('BEGIN IMMEDIATE');
      work();
      database.exec('COMMIT');
    } catch (error) {
      // why asked: after some errors SQLite has rolled back by itself
      if (database.isTransaction) database.exec('ROLLBACK');
      throw writingError(this.#path, error);
    }
  }

  /** Looks at an existing file without changing a byte of it, so that one we refuse stays as it is. */
  #inspect(): void {
    const hasFile = existsSync(this.#path);
    const walPath = `${this.#path}-wal`;
    // why: SQLite deletes the journal of an empty file, and with it everything that was not yet carried over
    if ((!hasFile || statSync(this.#path).size === 0) && existsSync(walPath) && statSync(walPath).size > 0) {
      throw new StoreDamaged(this.#path, 'it is empty or missing, but its journal is not');
    }
    if (!hasFile) {
      createPrivateFile(this.#path);
      return;
    }
    if (statSync(this.#path).size === 0) return;
    const database = new DatabaseSync(this.#path, { readOnly: true });
    try {
      readFormat(database, this.#path);
      const verdict = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
      if (verdict !== 'ok') throw new StoreDamaged(this.#path, String(verdict).replaceAll(/\s+/g, ' '));
    } finally {
      database.close();
    }
    chmodSync(this.#path, 0o600);
  }

  #read(database: DatabaseSync): LoadedLog {
    upgradeFormat(database, this.#path);
    const records: LogRecord[] = [];
    for (const row of database.prepare('SELECT * FROM log ORDER BY revision').iterate()) {
      // why trusted: the table is STRICT, and only append() writes it
      records.push(this.#recordOf(trusted<LogRow>(row)));
    }
    return { compactedRevision: readCompaction(database), records };
  }

  #recordOf(row: LogRow): LogRecord {
    if (rowChecksum(row) !== row.crc) throw new StoreDamaged(this.#path, describeWrongChecksum(row));
    const { revision, previous, type, resource, namespace, name, bytes } = row;
    return {
      revision,
      previous,
      type,
      key: { resource, namespace, name },
      bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    };
  }
}

function openForWriting(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  makeNewShrinkable(database);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
  return database;
}

function readCompaction(database: DatabaseSync): number {
  return Number(database.prepare('SELECT revision AS value FROM compaction').get()?.['value']);
}
