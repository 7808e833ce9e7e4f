import { chmod, lstat, mkdir, readlink, rename, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, isPresent, listNames, removeTree } from '#linux/small-files.ts';
import type { Image } from './image.ts';

/** Directories of programs at the top of a host: links into /usr on most, directories of their own on some. */
const PROGRAMS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
/** What programs read below /etc to start at all. Nothing that holds keys, passwords or configuration of services. */
const SETTINGS = [
  'alternatives',
  'ca-certificates',
  'group',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'passwd',
  'protocols',
  'services',
  'ssl/certs',
];
const EMPTY = ['dev', 'etc', 'mnt', 'opt', 'proc', 'root', 'run', 'srv', 'sys', 'tmp', 'usr', 'var/tmp'];
const OPEN = ['tmp', 'var/tmp'];
/** Increase when what is built here changes. */
const LAYOUT = 1;
const BUILDING = 'building-host-';
/** Permissions of directories that anybody may write to. */
const OPEN_MODE = 0o1777;

/**
 * The host's programs as an image: /usr and what of /etc they need to start, read-only; no home directories, no data, no keys.
 * It stands in for an image that can't be had (`--image-fallback host`). It knows no entry point: containers name their command.
 */
export async function hostImage(rootDir: string, instead: { readonly reference: string; readonly why: string }): Promise<Image> {
  return {
    id: 'host.stowage.dev/programs',
    rootDir,
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    entrypoint: [],
    cmd: [],
    workingDir: '',
    user: { uid: 0, gid: 0 },
    hostPaths: await hostPaths(),
    standsInBecause: `the image ${JSON.stringify(instead.reference)} can't be had: ${instead.why}`,
  };
}

/** Builds the directories that the host's programs are bound into, where they are missing; one call at a time. */
export async function ensureHostRoot(dir: string): Promise<string> {
  const rootDir = join(dir, `host-${LAYOUT}`);
  for (const leftover of await listNames(dir)) if (leftover.startsWith(BUILDING)) await removeTree(join(dir, leftover));
  if (!(await isPresent(rootDir))) await build(join(dir, `${BUILDING}${LAYOUT}`), rootDir);
  return rootDir;
}

/** What is bound from the host; a link is not, it is made again. */
async function hostPaths(): Promise<string[]> {
  const wanted = ['/usr', ...PROGRAMS.map((name) => `/${name}`), ...SETTINGS.map((name) => `/etc/${name}`)];
  const found = await Promise.all(wanted.map(async (path) => ((await isBound(path)) ? [path] : [])));
  return found.flat();
}

async function isBound(path: string): Promise<boolean> {
  try {
    // why not lstat below /etc: its links lead into /usr or name a zone, and what they lead to is bound
    const found = await (path.startsWith('/etc/') ? stat(path) : lstat(path));
    return found.isDirectory() || found.isFile();
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Built aside and renamed as a whole: a crash leaves either nothing or everything. */
async function build(building: string, rootDir: string): Promise<void> {
  for (const name of EMPTY) await mkdir(join(building, name), { recursive: true, mode: 0o755 });
  await chmod(building, 0o755);
  for (const name of OPEN) await chmod(join(building, name), OPEN_MODE);
  for (const name of PROGRAMS) {
    const link = await linkAt(`/${name}`);
    if (link !== undefined) await symlink(link, join(building, name));
  }
  await rename(building, rootDir);
}

async function linkAt(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EINVAL')) return undefined;
    throw error;
  }
}
