import { StoreDamaged, StoreDirectoryRefused, StoreFailed } from './store-errors.ts';

/** Primary result codes (https://www.sqlite.org/rescode.html). */
export const SQLITE = { busy: 5, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 } as const;

/** Low byte of an extended result code: the primary one. */
const PRIMARY = 0xff;

/** An error of node:sqlite; `errcode` is the extended code. */
export interface SqliteError {
  readonly errcode: number;
  readonly errstr: string;
}

/** True for an error that SQLite itself reported. */
export function isSqliteError(thrown: unknown): thrown is Error & SqliteError {
  return thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number' && 'errstr' in thrown;
}

/** The primary result code of an error. */
export function primaryCode(error: SqliteError): number {
  return error.errcode & PRIMARY;
}

/** Why opening or reading the file failed. */
export function openingError(path: string, thrown: unknown): unknown {
  if (!isSqliteError(thrown)) return thrown;
  switch (primaryCode(thrown)) {
    case SQLITE.corrupt:
    case SQLITE.notadb:
      return new StoreDamaged(path, thrown.errstr, thrown);
    case SQLITE.cantopen:
    case SQLITE.readonly:
      return new StoreDirectoryRefused(
        `${path} can't be opened for writing (${thrown.errstr}): correct the owner and mode of it and of its directory`,
        thrown,
      );
    default:
      return writingError(path, thrown);
  }
}

/** Why a commit failed. */
export function writingError(path: string, thrown: unknown): StoreFailed {
  if (!isSqliteError(thrown)) return new StoreFailed(`${path} was not written, nothing was changed: see the cause`, thrown);
  return new StoreFailed(`${path} was not written (${thrown.errstr}), nothing was changed: ${remedyOf(primaryCode(thrown))}`, thrown, {
    path,
    errcode: thrown.errcode,
  });
}

function remedyOf(errcode: number): string {
  switch (errcode) {
    case SQLITE.full:
      return 'the disk is full, free some space there';
    case SQLITE.readonly:
      return 'it is read-only, make its file system and file writable';
    case SQLITE.busy:
      return 'another program holds the file, close that program';
    case SQLITE.corrupt:
    case SQLITE.notadb:
      return 'the file is damaged, stop the platform and restore it from a copy';
    default:
      return 'check the disk and the system log';
  }
}
