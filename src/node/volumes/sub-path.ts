import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readlink, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Mounter } from '../machine/mounter.ts';
import { isErrno, isPresent } from '../small-files.ts';
import { VolumeNotReady } from './volume-error.ts';

/** A part of a volume that a container asks for. */
export interface SubPath {
  /** The volume's directory on the host. */
  readonly volumeDir: string;
  /** Relative, already expanded. */
  readonly subPath: string;
  /** Where it is bound to on the host. */
  readonly target: string;
}

/** Permissions of directories that are made for a missing subPath (kubelet subpath_linux.go: 0750). */
const CREATED_MODE = 0o750;
/** Links to nowhere that can be gone to (`/proc/1/root`), to themselves, and files where a directory is wanted. */
const UNRESOLVABLE = ['EACCES', 'EPERM', 'ELOOP', 'ENOTDIR', 'ENAMETOOLONG'];
/** open(2) O_PATH; Node has no name for it. */
const O_PATH = 0o10000000;

/**
 * Binds the part of the volume to `target`, making missing directories, and answers what kind it is. Safe against links that lead out of the volume, also when a
 * container swaps them meanwhile: the path is resolved first, then walked one name at a time without following links, each relative to the handle
 * of the one before, and what is bound is the handle, not the name (as kubelet's subpath_linux.go).
 * @throws VolumeNotReady where the path leaves the volume
 */
export async function bindSubPath(mounter: Mounter, request: SubPath): Promise<'directory' | 'file'> {
  checkSubPath(request.subPath);
  const root = await realpath(request.volumeDir);
  const resolved = await resolveInside(root, request.subPath);
  const handle = await openInside(root, resolved);
  try {
    const kind = (await handle.stat()).isDirectory() ? 'directory' : 'file';
    if (await mounter.isMountPoint(request.target)) return kind;
    await mkdir(kind === 'directory' ? request.target : dirname(request.target), { recursive: true, mode: 0o700 });
    if (kind === 'file' && !(await isPresent(request.target))) await writeFile(request.target, '', { mode: 0o600 });
    await mounter.bind(`/proc/${process.pid}/fd/${handle.fd}`, request.target);
    return kind;
  } finally {
    await handle.close();
  }
}

/** @throws VolumeNotReady for absolute paths and `..`. Pure. */
export function checkSubPath(subPath: string): void {
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) {
    throw new VolumeNotReady(`subPath ${JSON.stringify(subPath)} must be relative and must not contain ".."`);
  }
}

/** The path below `root` with its existing links followed; names that do not exist yet are kept. */
async function resolveInside(root: string, subPath: string): Promise<string> {
  const names = subPath.split('/').filter((name) => name !== '' && name !== '.');
  let resolved = root;
  for (const [index, name] of names.entries()) {
    try {
      resolved = await realpath(join(resolved, name));
    } catch (error) {
      const code = UNRESOLVABLE.find((known) => isErrno(error, known));
      // why without the system's words: they name the path on the host
      if (code !== undefined) throw new VolumeNotReady(`subPath ${JSON.stringify(subPath)} can't be followed inside the volume (${code})`);
      if (!isErrno(error, 'ENOENT')) throw error;
      return relative(root, join(resolved, ...names.slice(index)));
    }
    if (resolved !== root && !resolved.startsWith(`${root}/`))
      throw new VolumeNotReady(`subPath ${JSON.stringify(subPath)} leads out of the volume through a link`);
  }
  return relative(root, resolved);
}

async function openInside(root: string, path: string): Promise<FileHandle> {
  let handle = await open(root, O_PATH | constants.O_DIRECTORY);
  try {
    for (const name of path.split('/').filter((part) => part !== '')) {
      const next = await openChild(handle, name);
      await handle.close();
      handle = next;
    }
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openChild(parent: FileHandle, name: string): Promise<FileHandle> {
  const path = `/proc/self/fd/${parent.fd}/${name}`;
  const child = await openNoFollow(path).catch(async (error: unknown) => {
    if (!isErrno(error, 'ENOENT')) throw error;
    await mkdir(path, { mode: CREATED_MODE });
    return openNoFollow(path);
  });
  if ((await child.stat()).isSymbolicLink()) {
    const target = await readlink(path).catch(() => '?');
    await child.close();
    throw new VolumeNotReady(`subPath: ${name} turned into a link to ${target} while it was being opened`);
  }
  return child;
}

function openNoFollow(path: string): Promise<FileHandle> {
  return open(path, O_PATH | constants.O_NOFOLLOW);
}
