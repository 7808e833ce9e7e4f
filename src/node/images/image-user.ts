import { constants } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import { isErrno } from '#linux/small-files.ts';
import type { Image } from './image.ts';

/** Links that are followed on the way to one file (path_resolution(7): 40). */
const MAX_LINKS = 40;
/** No more of a file is read: it is the image's, and may be anything. */
const MAX_BYTES = 1024 * 1024;

/** Finds the numbers of the user that an image names, in its own files. @throws PlatformError for a name that is not in them */
export async function resolveUser(rootfs: string, user: string): Promise<Image['user']> {
  if (user === '') return { uid: 0, gid: 0 };
  const [name = '', group] = user.split(':');
  const passwd = await idsIn(rootfs, 'passwd', name);
  const uid = numberIn(name) ?? passwd?.[0];
  const gid = group === undefined ? (passwd?.[1] ?? 0) : (numberIn(group) ?? (await idsIn(rootfs, 'group', group))?.[0]);
  if (uid !== undefined && gid !== undefined) return { uid, gid };
  throw new PlatformError({
    code: 'FailedPrecondition',
    reason: 'ImageUserUnknown',
    message: `the image runs as ${JSON.stringify(user)}, which its own /etc/passwd and /etc/group do not know: set securityContext.runAsUser and rebuild the image`,
  });
}

/** The groups that the image's own files name the user `uid` a member of (as container runtimes merge them). */
export async function groupsOfUser(rootfs: string, uid: number): Promise<readonly number[]> {
  const users = (await readInside(rootfs, join('etc', 'passwd'))).split('\n').map((line) => line.split(':'));
  const name = users.find(([, , id]) => id === String(uid))?.[0];
  if (name === undefined || name === '') return [];
  const groups = (await readInside(rootfs, join('etc', 'group'))).split('\n').map((line) => line.split(':'));
  return groups.filter(([, , , members = '']) => members.split(',').includes(name)).flatMap(([, , id]) => numberIn(id) ?? []);
}

/** The third and fourth field of the line of `name` (by name or number). */
async function idsIn(
  rootfs: string,
  file: 'passwd' | 'group',
  name: string,
): Promise<readonly [number | undefined, number | undefined] | undefined> {
  const text = await readInside(rootfs, join('etc', file));
  const fields = text.split('\n').map((line) => line.split(':'));
  const found = fields.find(([label, , id]) => label === name || id === name);
  return found === undefined ? undefined : [numberIn(found[2]), numberIn(found[3])];
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** The beginning of a file of the image; '' where there is none. Links lead where they would inside a container; what is no file (a device, a FIFO) is not read. */
async function readInside(rootfs: string, path: string): Promise<string> {
  const real = await followInside(rootfs, path);
  const file = real === undefined ? undefined : await openIfAny(join(rootfs, real));
  if (file === undefined) return '';
  try {
    if (!(await file.stat()).isFile()) return '';
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The path without links, as a process sees it whose root is `rootfs`; undefined where its links go round in circles. */
async function followInside(rootfs: string, path: string): Promise<string | undefined> {
  const left = path.split('/');
  let real = '/';
  for (let links = 0; left.length > 0;) {
    // why join: it stays at the root where `..` would leave it
    const next = join(real, left.shift() ?? '');
    const link = await linkIfAny(join(rootfs, next));
    if (link === undefined) {
      real = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return undefined;
    if (link.startsWith('/')) real = '/';
    left.unshift(...link.split('/'));
  }
  return real;
}

async function linkIfAny(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (isErrno(error, 'EINVAL', 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

async function openIfAny(path: string): Promise<FileHandle | undefined> {
  try {
    // why not blocking: nobody may ever write to a FIFO
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ENXIO')) return undefined;
    throw error;
  }
}
