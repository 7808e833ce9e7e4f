import type { DatabaseSync } from 'node:sqlite';
import { isSqliteError } from './sqlite-errors.ts';

/** Value of `PRAGMA auto_vacuum` (https://www.sqlite.org/pragma.html#pragma_auto_vacuum). */
const INCREMENTAL = 2;
/** Pages (of 4 KiB) that one step gives back: it blocks the thread for some milliseconds. */
const STEP_PAGES = 1024;
/** One in so many pages may be free: what comes next is written there. */
const FREE_SHARE = 4;
/** Steps at start, while nobody waits for a write: 64 MiB. */
const STEPS_AT_START = 16;

const MAKE_SHRINKABLE = 'PRAGMA auto_vacuum = INCREMENTAL';

/** Makes a file shrinkable that is empty yet. */
export function makeNewShrinkable(database: DatabaseSync): void {
  // why asked: elsewhere the pragma writes, even where it says what already is
  if (pragma(database, 'page_count') === 0) database.exec(MAKE_SHRINKABLE);
}

/** Makes a file that is there shrinkable, by writing it anew once, and gives back some of what it no longer needs. */
export function shrinkAtStart(database: DatabaseSync): void {
  try {
    if (pragma(database, 'auto_vacuum') !== INCREMENTAL) database.exec(`${MAKE_SHRINKABLE}; VACUUM`);
    for (let step = 0; step < STEPS_AT_START && giveBackSpace(database); step += 1);
  } catch (error) {
    // why not thrown: it needs as much free space again; where there is none, the file only stays as large as it was
    if (!isSqliteError(error)) throw error;
  }
}

/** Gives back one step's worth of the space that superseded rows have left; false where there is too little to be worth it. */
export function giveBackSpace(database: DatabaseSync): boolean {
  const pages = pragma(database, 'page_count');
  const spare = Math.floor(pragma(database, 'freelist_count') - Math.max(STEP_PAGES, pages / FREE_SHARE));
  if (spare <= 0) return false;
  database.exec(`PRAGMA incremental_vacuum(${Math.min(spare, STEP_PAGES)})`);
  return true;
}

function pragma(database: DatabaseSync, name: 'auto_vacuum' | 'page_count' | 'freelist_count'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
