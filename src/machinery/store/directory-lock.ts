import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreDirectoryRefused, StoreLocked } from './store-errors.ts';
import { createPrivateFile } from './private-file.ts';
import { directoryRefusal } from './private-directory.ts';
import { isSqliteError, primaryCode, SQLITE } from './sqlite-errors.ts';

const LOCK_FILE = 'store.lock';
const PID_FILE = 'store.pid';
const STOPPING_FILE = 'store.stopping';
/** How long is waited for who only looks whether the directory is in use. */
const LOOKERS_MS = 500;

/** A held lock; `release` is idempotent. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Lets one process at a time work on a directory. The lock is one of the kernel's (Node reaches it through an empty SQLite file), so it goes
 * with its process however that ends, and a number in a file is never mistaken for a living process; `store.pid` says whose it is.
 * @throws StoreLocked, StoreDirectoryRefused
 */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, LOCK_FILE);
  // why never opened but by SQLite once it exists: closing any other descriptor of it would drop this process's lock (POSIX fcntl)
  if (!existsSync(path)) createPrivateFile(path);
  const database = new DatabaseSync(path, { timeout: LOOKERS_MS });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    writeFileSync(join(directory, PID_FILE), identityOf(process.pid), { mode: 0o600 });
  } catch (error) {
    database.close();
    throw lockRefusal(directory, error);
  }
  return {
    release: () => {
      if (!database.isOpen) return;
      // why before the lock goes: afterwards it may be the next one's
      try {
        for (const name of [PID_FILE, STOPPING_FILE]) rmSync(join(directory, name), { force: true });
      } finally {
        database.close();
      }
    },
  };
}

/** Says to who looks that this process, which has the lock, is about to let go of it. A disk that takes no writes, or a directory that is gone, keeps nobody from stopping. */
export function announceRelease(directory: string): void {
  try {
    writeFileSync(join(directory, STOPPING_FILE), identityOf(process.pid), { mode: 0o600 });
  } catch {
    // why: it is said for who looks, and he can wait
  }
}

/** Who works on a directory. */
export interface LockHolder {
  /** Undefined until it has said its own. */
  readonly pid: number | undefined;
  readonly isStopping: boolean;
}

/** Undefined where no process works on the directory. Whoever starts meanwhile, or looks too, is not in the way. */
export function holderOf(directory: string): LockHolder | undefined {
  const path = join(directory, LOCK_FILE);
  if (!existsSync(path)) return undefined;
  const database = new DatabaseSync(path, { timeout: 0, readOnly: true });
  try {
    // why a read: its lock is shared with others that look, and holds up nobody for longer than this takes
    database.exec('SELECT count(*) FROM sqlite_schema');
    return undefined;
  } catch (error) {
    if (isSqliteError(error) && primaryCode(error) === SQLITE.busy) return describeHolder(directory);
    throw lockRefusal(directory, error);
  } finally {
    database.close();
  }
}

function describeHolder(directory: string): LockHolder {
  const pid = readPid(directory);
  return { pid, isStopping: pid !== undefined && textOf(join(directory, STOPPING_FILE)) === identityOf(pid) };
}

function lockRefusal(directory: string, error: unknown): unknown {
  if (!isSqliteError(error)) return directoryRefusal(directory, error);
  if (primaryCode(error) === SQLITE.busy) return new StoreLocked(directory, readPid(directory), error);
  return new StoreDirectoryRefused(
    `the data directory ${directory} can't be locked (${error.errstr}): choose one on a local file system that is writable`,
    error,
  );
}

/** The process that wrote the file, while it lives; one that ended without a word left a number that may be another's by now. */
function readPid(directory: string): number | undefined {
  const [first = '', start = ''] = textOf(join(directory, PID_FILE)).split('\n');
  const pid = Number(first);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return start === '' || startOf(pid) === start ? pid : undefined;
}

/** A process' number and when it started: no other ever has both. */
function identityOf(pid: number): string {
  return `${pid}\n${startOf(pid) ?? ''}\n`;
}

/** When the process started, in ticks of the kernel (proc_pid_stat(5)); undefined where there is none, or no /proc. */
function startOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  // why from the last bracket: a program's name may hold anything
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[STARTTIME];
}

/** Place of `starttime` behind the program's name. */
const STARTTIME = 19;

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // why: a file that is gone says nothing
    return '';
  }
}
