import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreDirectoryRefused, StoreLocked } from './store-errors.ts';
import { createPrivateFile } from './private-file.ts';
import { directoryRefusal } from './private-directory.ts';
import { isSqliteError, primaryCode, SQLITE } from './sqlite-errors.ts';

const LOCK_FILE = 'store.lock';
const PID_FILE = 'store.pid';

/** A held lock; `release` is idempotent. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Lets one process at a time work on a directory. The lock is one of the kernel's (Node reaches it through an empty SQLite file), so it goes
 * with its process however that ends, and a number in a file is never mistaken for a living process; `store.pid` only serves the message.
 * @throws StoreLocked, StoreDirectoryRefused
 */
export function lockDirectory(directory: string, purpose: 'work' | 'probe' = 'work'): DirectoryLock {
  const path = join(directory, LOCK_FILE);
  // why never opened but by SQLite once it exists: closing any other descriptor of it would drop this process's lock (POSIX fcntl)
  if (!existsSync(path)) createPrivateFile(path);
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    if (purpose === 'work') writeFileSync(join(directory, PID_FILE), `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    database.close();
    throw lockRefusal(directory, error);
  }
  return {
    release: () => {
      if (database.isOpen) database.close();
    },
  };
}

/** True while a process works on the directory; the number that it wrote there is in `pid`. */
export function holderOf(directory: string): { readonly pid: number | undefined } | undefined {
  if (!existsSync(join(directory, LOCK_FILE))) return undefined;
  try {
    lockDirectory(directory, 'probe').release();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof StoreLocked) return { pid: readPid(directory) };
    throw thrown;
  }
}

function lockRefusal(directory: string, error: unknown): unknown {
  if (!isSqliteError(error)) return directoryRefusal(directory, error);
  if (primaryCode(error) === SQLITE.busy) return new StoreLocked(directory, readPid(directory), error);
  return new StoreDirectoryRefused(
    `the data directory ${directory} can't be locked (${error.errstr}): choose one on a local file system that is writable`,
    error,
  );
}

function readPid(directory: string): number | undefined {
  const path = join(directory, PID_FILE);
  if (!existsSync(path)) return undefined;
  const pid = Number(readFileSync(path, 'utf8').trim());
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}
