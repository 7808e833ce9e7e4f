import type { DatabaseSync } from 'node:sqlite';
import { StoreDamaged, StoreFormatTooNew } from './store-errors.ts';

/** Brings the file from one format to the next, inside a transaction. */
export type FormatStep = (database: DatabaseSync) => void;

/** "Stow": marks the file as a store (https://www.sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x53746f77;

/**
 * Step n brings format n to format n+1; an empty file has format 0. Never edit a step that was released: add one.
 * Format 1: one append-only log; a record supersedes the one at `previous`. What is current and what watchers see both follow from it,
 * so a write is a single row. `crc` covers `bytes`, because SQLite does not notice a flipped bit inside a value.
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
];

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
    for (const step of steps.slice(format)) step(database);
    database.exec(`PRAGMA user_version = ${steps.length}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
