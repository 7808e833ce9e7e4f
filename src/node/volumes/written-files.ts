import { chmod, chown, mkdir, readlink, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import { isErrno, listNames, removeTree } from '#linux/small-files.ts';
import { VolumeNotReady } from './volume-error.ts';

/** A file of a volume that the node writes: configMap, secret, downwardAPI, projected. */
export interface WrittenFile {
  readonly content: Buffer;
  readonly mode: number;
  /** Who owns it; absent = root. */
  readonly uid?: number | undefined;
}

const DATA_LINK = '..data';
const DIRECTORY_MODE = 0o755;
/** A directory of a group: what is made in it is of the group too. */
const GROUP_DIRECTORY_MODE = 0o2755;
/** What a group must have of its files (kubelet volume_linux.go: volumes that nobody may write to). */
const GROUP_FILE_MODE = 0o440;

/**
 * Makes the directory show exactly `files` (relative path → content), switching from the old to the new set at once:
 * the files lie in a directory named by their hash, `..data` links to it, and the visible names link through `..data` (as kubelet's atomic writer does).
 * The group `gid` may read them from the moment that they are seen.
 * @throws VolumeNotReady for a path that would leave the directory
 */
export async function writeFiles(dir: string, files: ReadonlyMap<string, WrittenFile>, gid?: number): Promise<void> {
  for (const path of files.keys()) checkPath(path);
  const version = `..${hashOf(files)}`;
  await mkdir(dir, { recursive: true, mode: DIRECTORY_MODE });
  if (gid !== undefined) await giveDirectory(dir, gid);
  if ((await linkTarget(join(dir, DATA_LINK))) !== version) {
    await removeTree(join(dir, version));
    await mkdir(join(dir, version), { mode: DIRECTORY_MODE });
    for (const [path, file] of files)
      await writeOne(join(dir, version, path), gid === undefined ? file : { ...file, mode: file.mode | GROUP_FILE_MODE });
    await relink(join(dir, DATA_LINK), version);
  }
  const tops = new Set([...files.keys()].map((path) => path.split('/')[0] ?? path));
  for (const name of tops) {
    if ((await linkTarget(join(dir, name))) === undefined) await symlink(join(DATA_LINK, name), join(dir, name));
  }
  for (const name of await listNames(dir)) {
    if (name !== DATA_LINK && name !== version && !tops.has(name)) await removeTree(join(dir, name));
  }
}

async function giveDirectory(dir: string, gid: number): Promise<void> {
  await chown(dir, -1, gid);
  await chmod(dir, GROUP_DIRECTORY_MODE);
}

async function writeOne(path: string, file: WrittenFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  await writeFile(path, file.content);
  if (file.uid !== undefined) await chown(path, file.uid, -1);
  await chmod(path, file.mode);
}

async function relink(link: string, target: string): Promise<void> {
  await removeTree(`${link}_tmp`);
  await symlink(target, `${link}_tmp`);
  await rename(`${link}_tmp`, link);
}

async function linkTarget(link: string): Promise<string | undefined> {
  try {
    return await readlink(link);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EINVAL')) return undefined;
    throw error;
  }
}

function checkPath(path: string): void {
  const parts = path.split('/');
  if (path === '' || path.startsWith('/') || parts.includes('..') || parts.includes('') || (parts[0] ?? '').startsWith('..')) {
    throw new VolumeNotReady(`the file path ${JSON.stringify(path)} of the volume must be relative, without ".." and not start with ".."`);
  }
}

function hashOf(files: ReadonlyMap<string, WrittenFile>): string {
  const hash = createHash('sha256');
  for (const [path, file] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path}\0${file.mode}\0${file.uid ?? ''}\0${file.content.length}\0`).update(file.content);
  return hash.digest('hex').slice(0, 24);
}
