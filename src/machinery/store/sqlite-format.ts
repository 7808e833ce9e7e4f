import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { trusted } from '#kit/json.ts';
import { StoreDamaged, StoreFormatTooNew } from './store-errors.ts';

/** Brings the file from one format to the next, inside a transaction. */
export type FormatStep = (database: DatabaseSync, path: string) => void;

/** "Stow": marks the file as a store (https://www.sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x53746f77;

/**
 * Step n brings format n to format n+1; an empty file has format 0. Never edit a step that was released: add one, write its fixture
 * (`testing/programs/write-store-fixture.ts`), and the tests of `testing/upgrade` open it for ever after.
 * Format 1: one append-only log; a record supersedes the one at `previous`. What is current and what watchers see both follow from it,
 * so a write is a single row. `crc` covers `bytes`, because SQLite does not notice a flipped bit inside a value.
 * Format 2: `crc` covers the whole row ({@link rowChecksum}): an object must not change its name or its place unnoticed either.
 */
export const FORMAT_STEPS: readonly FormatStep[] = [
  (database) =>
    database.exec(`
      PRAGMA application_id = ${APPLICATION_ID};
      CREATE TABLE log (
        revision INTEGER PRIMARY KEY,
        previous INTEGER NOT NULL,
        type TEXT NOT NULL,
        resource TEXT NOT NULL,
        namespace TEXT NOT NULL,
        name TEXT NOT NULL,
        crc INTEGER NOT NULL,
        bytes BLOB NOT NULL
      ) STRICT;
      CREATE TABLE compaction (revision INTEGER NOT NULL) STRICT;
      INSERT INTO compaction (revision) VALUES (0);
    `),
  checksumWholeRows,
];

/** What a checksum covers. */
export interface ChecksummedRow {
  readonly revision: number;
  readonly previous: number;
  readonly type: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** CRC-32 of everything that a row says. */
export function rowChecksum({ revision, previous, type, resource, namespace, name, bytes }: ChecksummedRow): number {
  return crc32(bytes, crc32(`${revision} ${previous} ${type} ${resource} ${namespace} ${name}`));
}

function checksumWholeRows(database: DatabaseSync, path: string): void {
  const update = database.prepare('UPDATE log SET crc = ? WHERE revision = ?');
  // why one by one: an update must not run into the rows that are still being read, and they need not fit into memory
  const next = database.prepare('SELECT * FROM log WHERE revision > ? ORDER BY revision LIMIT 1');
  let after = 0;
  for (;;) {
    const found = next.get(after);
    if (found === undefined) return;
    // why trusted: the table is STRICT, and format 1 has made it
    const row = trusted<ChecksummedRow & { readonly crc: number }>(found);
    if (crc32(row.bytes) !== row.crc) throw new StoreDamaged(path, describeWrongChecksum(row));
    update.run(rowChecksum(row), row.revision);
    after = row.revision;
  }
}

/** What is wrong with a row whose checksum is. */
export function describeWrongChecksum({ resource, namespace, name, revision }: ChecksummedRow): string {
  return `the object ${resource} ${namespace}/${name} at revision ${revision} has a wrong checksum`;
}

/** The format of the file; 0 where it is empty. @throws StoreDamaged where it is not a store; StoreFormatTooNew */
export function readFormat(database: DatabaseSync, path: string, known = FORMAT_STEPS.length): number {
  const format = pragma(database, 'user_version');
  const tables = Number(database.prepare('SELECT count(*) AS value FROM sqlite_schema').get()?.['value']);
  if (tables === 0 && format === 0) return 0;
  if (pragma(database, 'application_id') !== APPLICATION_ID) throw new StoreDamaged(path, 'it is the database of another program');
  if (format > known) throw new StoreFormatTooNew(path, format, known);
  return format;
}

/** Brings the file to the newest format, all steps or none. */
export function upgradeFormat(database: DatabaseSync, path: string, steps: readonly FormatStep[] = FORMAT_STEPS): void {
  const format = readFormat(database, path, steps.length);
  if (format === steps.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(format)) step(database, path);
    database.exec(`PRAGMA user_version = ${steps.length}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
