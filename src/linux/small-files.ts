import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isRecord } from '#kit/json.ts';

/** True where `thrown` is a system error of one of `codes` (`ENOENT`, …). */
export function isErrno(thrown: unknown, ...codes: readonly string[]): boolean {
  return isRecord(thrown) && typeof thrown['code'] === 'string' && codes.includes(thrown['code']);
}

/** The file's text, or undefined where there is no such file. */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // why: ESRCH is what /proc answers when the process ends between open and read
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ESRCH')) return undefined;
    throw error;
  }
}

/** The file's JSON object, or undefined where there is none or it is torn (a power cut between write and rename). */
export async function readRecordIfAny(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await readTextIfAny(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    // why: a torn file says the same as no file: the step that wrote it was not finished
    return undefined;
  }
}

/** What the name of a file ends with that is not whole yet. */
export const UNFINISHED = '.tmp';

/** Replaces the file as a whole: a reader sees the old or the new text, never a part. */
export async function writeTextAtomic(path: string, text: string, mode = 0o600): Promise<void> {
  const temporary = `${path}${UNFINISHED}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(temporary, text, { mode });
  await rename(temporary, path);
}

/** Names inside the directory; none where it does not exist. */
export async function listNames(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** Modification time in milliseconds since the epoch, or undefined where there is no such file. */
export async function modifiedMsIfAny(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** True where something is at `path`. */
export async function isPresent(path: string): Promise<boolean> {
  return (await modifiedMsIfAny(path)) !== undefined;
}

/** Removes the tree; the caller has made sure that nothing is mounted in it. */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
