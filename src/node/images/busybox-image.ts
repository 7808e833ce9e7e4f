import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exec } from '#kit/exec.ts';
import { isErrno, isPresent, listNames, removeTree } from '#linux/small-files.ts';
import type { Image } from './image.ts';

/** What the image is built from, and where. */
export interface BusyboxOptions {
  /** Directory of all images. */
  readonly dir: string;
  /** A statically linked busybox. */
  readonly busyboxPath: string;
  readonly exec: Exec;
}

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
  'etc/group': 'root:x:0:\ndaemon:x:1:\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n',
  'etc/hosts': '127.0.0.1\tlocalhost\n::1\tlocalhost\n',
  'etc/resolv.conf': '',
  'etc/hostname': '',
};
const DIRECTORIES = [
  'bin',
  'usr/bin',
  'usr/sbin',
  'sbin',
  'etc',
  'root',
  'home',
  'dev',
  'proc',
  'sys',
  'tmp',
  'var/tmp',
  'var/www',
  'var/log',
  'var/run',
  'mnt',
  'opt',
];
/** World-writable with the sticky bit, as everywhere. */
const OPEN_DIRECTORIES = ['tmp', 'var/tmp'];
/** What is half built; that of other images is not touched: it may be a fetch that is under way. */
const BUILDING = 'building-busybox-';
/** Increase when what is built here changes, so that nodes build anew. */
const LAYOUT = 1;

/**
 * Builds the image where it is missing and answers it. Built aside and renamed as a whole, so a crash leaves either nothing or everything;
 * leftovers of a crash are removed. The directory's name holds the binary's digest: another busybox is another image.
 */
export async function ensureBusyboxImage(options: BusyboxOptions): Promise<Image> {
  const digest = createHash('sha256')
    .update(await readFile(options.busyboxPath))
    .digest('hex');
  const name = `busybox-${LAYOUT}-${digest.slice(0, 16)}`;
  const rootDir = join(options.dir, name);
  if (!(await isPresent(rootDir))) await build(options, rootDir);
  for (const leftover of await listNames(options.dir)) {
    if (leftover.startsWith(BUILDING)) await removeTree(join(options.dir, leftover));
  }
  return {
    id: `docker.io/library/busybox@sha256:${digest}`,
    rootDir,
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    entrypoint: [],
    cmd: ['sh'],
    workingDir: '',
    user: { uid: 0, gid: 0 },
    hostPaths: [],
  };
}

async function build(options: BusyboxOptions, rootDir: string): Promise<void> {
  const building = join(options.dir, `${BUILDING}${process.pid}`);
  await removeTree(building);
  for (const dir of DIRECTORIES) await mkdir(join(building, dir), { recursive: true, mode: 0o755 });
  await chmod(building, 0o755);
  for (const dir of OPEN_DIRECTORIES) await chmod(join(building, dir), 0o1777);
  await chmod(join(building, 'root'), 0o700);
  for (const [path, text] of Object.entries(FILES)) await writeFile(join(building, path), text, { mode: 0o644 });
  await copyFile(options.busyboxPath, join(building, 'bin/busybox'));
  await chmod(join(building, 'bin/busybox'), 0o755);
  for (const applet of await appletsOf(options)) {
    if (applet !== 'busybox') await symlink('busybox', join(building, 'bin', applet));
  }
  // why: scripts start with #!/usr/bin/env
  await symlink('../../bin/env', join(building, 'usr/bin/env'));
  try {
    await rename(building, rootDir);
  } catch (error) {
    // why: another pod's start built it at the same moment; both are the same
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    await removeTree(building);
  }
}

async function appletsOf(options: BusyboxOptions): Promise<string[]> {
  const { stdout } = await options.exec.run([options.busyboxPath, '--list']);
  return stdout.split('\n').filter((applet) => /^[\w[.+-]+$/.test(applet));
}
