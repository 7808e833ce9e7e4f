import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import type { Image } from './image.ts';

/** Finds the numbers of the user that an image names, in its own files. @throws PlatformError for a name that is not in them */
export async function resolveUser(rootfs: string, user: string): Promise<Image['user']> {
  if (user === '') return { uid: 0, gid: 0 };
  const [name = '', group] = user.split(':');
  const passwd = await idsIn(rootfs, 'passwd', name);
  const uid = /^\d+$/.test(name) ? Number(name) : passwd?.[0];
  const gid = group === undefined ? (passwd?.[1] ?? 0) : /^\d+$/.test(group) ? Number(group) : (await idsIn(rootfs, 'group', group))?.[0];
  if (uid !== undefined && gid !== undefined) return { uid, gid };
  throw new PlatformError({
    code: 'FailedPrecondition',
    reason: 'ImageUserUnknown',
    message: `the image runs as ${JSON.stringify(user)}, which its own /etc/passwd and /etc/group do not know: set securityContext.runAsUser and rebuild the image`,
  });
}

/** The third and fourth field of the line of `name` (by name or number). */
async function idsIn(rootfs: string, file: 'passwd' | 'group', name: string): Promise<readonly [number, number] | undefined> {
  let text: string;
  try {
    text = await readFile(join(rootfs, 'etc', file), 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.split('\n').map((line) => line.split(':'));
  const found = fields.find(([label, , id]) => label === name || id === name);
  return found === undefined ? undefined : [Number(found[2]), Number(found[3])];
}
