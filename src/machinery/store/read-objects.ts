import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { trusted } from '#kit/json.ts';
import { STORE_FILE } from './sqlite-engine.ts';
import { openingError } from './sqlite-errors.ts';
import { readFormat } from './sqlite-format.ts';
import type { StoreKey } from './store.ts';

/** A current object as it lies on the disk. */
export interface LyingObject {
  readonly key: StoreKey;
  /** UTF-8 JSON. */
  readonly bytes: Uint8Array;
}

interface CurrentRow extends StoreKey {
  readonly bytes: Uint8Array;
}

/** What is neither deleted nor superseded. */
const CURRENT = `SELECT resource, namespace, name, bytes FROM log
  WHERE type <> 'DELETED' AND revision NOT IN (SELECT previous FROM log WHERE previous > 0) ORDER BY resource, namespace, name`;

/**
 * The current objects of a store's directory, in order of resource, namespace and name, without opening the store: nothing is changed,
 * and the process that holds it goes on.
 * @throws StoreDirectoryRefused, StoreDamaged, StoreFormatTooNew
 */
export function* readObjects(directory: string): Generator<LyingObject> {
  const path = join(directory, STORE_FILE);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    if (readFormat(database, path) === 0) return;
    for (const row of database.prepare(CURRENT).iterate()) {
      // why trusted: the table is STRICT, and only the engine writes it
      const { bytes, resource, namespace, name } = trusted<CurrentRow>(row);
      yield { key: { resource, namespace, name }, bytes };
    }
  } catch (error) {
    throw openingError(path, error);
  } finally {
    database?.close();
  }
}
