import { accessSync, closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRecord } from '#kit/json.ts';
import { StoreDirectoryRefused } from './store-errors.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there: choose another data directory, or correct its owner and mode',
  EPERM: 'this user may not write there: choose another data directory, or correct its owner and mode',
  EROFS: 'its file system is read-only: mount it writable, or choose another data directory',
  ENOTDIR: 'a part of the path is a file: choose another data directory',
  EEXIST: 'there is a file of that name: choose another data directory',
  ENOSPC: 'its file system is full: free some space, or choose another data directory',
  EDQUOT: 'the quota of this user is used up: free some space, or choose another data directory',
  ENAMETOOLONG: 'the path is too long: choose another data directory',
};

/** Makes a directory that only this user can enter, or checks that an existing one is ours and writable. @throws StoreDirectoryRefused */
export function ensurePrivateDirectory(directory: string): void {
  try {
    makeDirectory(directory);
    checkOwner(directory);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw directoryRefusal(directory, error);
  }
}

/** Makes the directory's entries durable, so that a new file in it survives a power cut. @throws StoreDirectoryRefused */
export function syncDirectory(directory: string): void {
  try {
    const descriptor = openSync(directory, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch (error) {
    throw directoryRefusal(directory, error);
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    // why: on a read-only file system Node's recursive mkdir says ENOENT; the first directory that exists tells the truth
    if (isRecord(error) && error['code'] === 'ENOENT') accessSync(nearestExisting(directory), constants.W_OK);
    throw error;
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function checkOwner(directory: string): void {
  const user = process.geteuid?.() ?? 0;
  const owner = statSync(directory).uid;
  // why root is let through: it may run the platform on any directory, and what it makes there is its own
  if (user === 0 || owner === user) return;
  throw new StoreDirectoryRefused(
    `the data directory ${directory} belongs to the user with id ${owner}, this process runs as ${user}: run it as the owner, or choose another data directory`,
  );
}

/** What is wrong with the directory and what would help, from an error of the file system; other errors are given back as they are. */
export function directoryRefusal(directory: string, error: unknown): unknown {
  if (error instanceof StoreDirectoryRefused || !isRecord(error) || typeof error['code'] !== 'string') return error;
  const remedy = REMEDIES[error['code']] ?? 'choose another data directory';
  return new StoreDirectoryRefused(`the data directory ${directory} can't be used (${error['code']}): ${remedy}`, error);
}
