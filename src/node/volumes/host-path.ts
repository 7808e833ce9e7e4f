import { type Stats, constants } from 'node:fs';
import { mkdir, open, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isErrno } from '#linux/small-files.ts';
import { type PreparedVolume, preparedDirectory } from './prepared-volume.ts';
import { VolumeNotReady } from './volume-error.ts';

/** What a hostPath volume says. */
export interface HostPath {
  readonly path: string;
  /** `''` or absent = no check. */
  readonly type?: string | undefined;
}

const KINDS: Readonly<Record<string, { readonly label: string; readonly matches: (found: Stats) => boolean }>> = {
  Directory: { label: 'a directory', matches: (found) => found.isDirectory() },
  DirectoryOrCreate: { label: 'a directory', matches: (found) => found.isDirectory() },
  File: { label: 'a file', matches: (found) => found.isFile() },
  FileOrCreate: { label: 'a file', matches: (found) => found.isFile() },
  Socket: { label: 'a socket', matches: (found) => found.isSocket() },
  CharDevice: { label: 'a character device', matches: (found) => found.isCharacterDevice() },
  BlockDevice: { label: 'a block device', matches: (found) => found.isBlockDevice() },
};

/** Checks (and for `…OrCreate` makes) the path on the node. @throws VolumeNotReady that says what is there and what was asked for */
export async function prepareHostPath(source: HostPath): Promise<PreparedVolume> {
  const { path } = source;
  const type = source.type ?? '';
  if (!path.startsWith('/') || path.split('/').includes('..'))
    throw new VolumeNotReady(`hostPath ${path}: the path must be absolute and without ".."`);
  if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
  if (type === 'FileOrCreate') await ensureFile(path);
  const found = await statIfAny(path);
  if (type === '') return prepareUnchecked(path, found);
  const kind = KINDS[type];
  if (kind === undefined)
    throw new VolumeNotReady(`hostPath ${path}: unknown type ${JSON.stringify(type)}; known are ${Object.keys(KINDS).join(', ')}`);
  if (found === undefined || !kind.matches(found)) {
    const there = found === undefined ? 'there is nothing' : 'something else is there';
    throw new VolumeNotReady(
      `hostPath type check failed: ${path} is not ${kind.label} (${there}); create it on the node, or use type DirectoryOrCreate or FileOrCreate`,
    );
  }
  return preparedDirectory(path, { kind: found.isDirectory() ? 'directory' : 'file' });
}

/** As {@link prepareHostPath}, for a path that must be what is named, and no symbolic link to something else. @throws VolumeNotReady where it is */
export async function prepareRealHostPath(source: HostPath): Promise<PreparedVolume> {
  const prepared = await prepareHostPath(source);
  const real = await realpath(source.path);
  if (real !== resolve(source.path))
    throw new VolumeNotReady(`hostPath ${source.path}: a symbolic link leads to ${real}; name that directory itself`);
  return prepared;
}

async function prepareUnchecked(path: string, found: Stats | undefined): Promise<PreparedVolume> {
  // why: without a type container runtimes make the missing directory, and manifests rely on it
  if (found === undefined) await mkdir(path, { recursive: true, mode: 0o755 });
  return preparedDirectory(path, { kind: found === undefined || found.isDirectory() ? 'directory' : 'file' });
}

async function ensureFile(path: string): Promise<void> {
  try {
    // why O_EXCL: a file that exists is neither truncated nor followed
    await (await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644)).close();
  } catch (error) {
    if (isErrno(error, 'ENOENT'))
      throw new VolumeNotReady(`hostPath ${path}: the parent directory ${dirname(path)} does not exist; create it on the node`, error);
    if (!isErrno(error, 'EEXIST')) throw error;
  }
}

async function statIfAny(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
