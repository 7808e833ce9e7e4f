import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readlink, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Exec } from '#kit/exec.ts';
import type { Mounter } from '#linux/mounter.ts';
import { isErrno, isPresent } from '#linux/small-files.ts';
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

/** Links to nowhere that can be gone to (`/proc/1/root`), to themselves, and files where a directory is wanted. */
const UNRESOLVABLE = ['EACCES', 'EPERM', 'ELOOP', 'ENOTDIR', 'ENAMETOOLONG'];
/** What a directory takes over from the volume that it is made in (kubelet kubelet_pods.go makeMounts). */
const PERMISSIONS = 0o777;
/** open(2) O_PATH; Node has no name for it. */
const O_PATH = 0o10000000;

/** What binding works with. */
export interface SubPathTools {
  readonly mounter: Mounter;
  readonly exec: Exec;
}

/**
 * Binds the part of the volume to `target`, making missing directories with the permissions of the volume itself, and answers what kind it is. Safe against links that lead out of the volume, also when a
 * container swaps them meanwhile: the path is resolved first, then walked one name at a time without following links, each relative to the handle
 * of the one before, and what is bound is the handle, not the name (as kubelet's subpath_linux.go).
 * @throws VolumeNotReady where the path leaves the volume
 */
export async function bindSubPath({ mounter, exec }: SubPathTools, request: SubPath): Promise<'directory' | 'file'> {
  checkSubPath(request.subPath);
  const root = await realpath(request.volumeDir);
  const resolved = await resolveInside(root, request.subPath);
  const handle = await openInside(exec, root, resolved);
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

async function openInside(exec: Exec, root: string, path: string): Promise<FileHandle> {
  let handle = await open(root, O_PATH | constants.O_DIRECTORY);
  try {
    const permissions = (await handle.stat()).mode & PERMISSIONS;
    for (const name of path.split('/').filter((part) => part !== '')) {
      const next = await openChild(handle, { name, permissions, exec });
      await handle.close();
      handle = next;
    }
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openChild(
  parent: FileHandle,
  { name, permissions, exec }: { readonly name: string; readonly permissions: number; readonly exec: Exec },
): Promise<FileHandle> {
  const path = `/proc/${process.pid}/fd/${parent.fd}/${name}`;
  const child = await openNoFollow(path).catch(async (error: unknown) => {
    if (!isErrno(error, 'ENOENT')) throw error;
    await makeDirectory(exec, path, permissions);
    return openNoFollow(path);
  });
  if ((await child.stat()).isSymbolicLink()) {
    const target = await readlink(path).catch(() => '?');
    await child.close();
    throw new VolumeNotReady(`subPath: ${name} turned into a link to ${target} while it was being opened`);
  }
  return child;
}

/**
 * Makes the directory with exactly these permissions by one system call: a kill may not leave others for good, and the umask of this process is every thread's.
 * The setgid bit comes from the parent. One that is there by now is fine.
 */
async function makeDirectory(exec: Exec, path: string, permissions: number): Promise<void> {
  const umask = (PERMISSIONS & ~permissions).toString(8).padStart(4, '0');
  try {
    await exec.run(['sh', '-c', 'umask "$1" && { mkdir -- "$2" || [ -d "$2" ]; }', 'sh', umask, path]);
  } catch (error) {
    const name = basename(path);
    throw new VolumeNotReady(`subPath: ${name} is not there and can't be made; is the volume read-only, or full?`, error);
  }
}

function openNoFollow(path: string): Promise<FileHandle> {
  return open(path, O_PATH | constants.O_NOFOLLOW);
}
