import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { SystemExec } from '#kit/exec.ts';

const CACHE = path.join(import.meta.dirname, '..', '..', '.cache', 'clients');
/** How long a package may take to come. */
const FETCH_TIMEOUT_MS = 300_000;

/** The folder `name` in `.cache/clients`; where it is missing, `fill` makes its content. Two at once are fine: the later one is thrown away. */
export async function fetchOnce(name: string, fill: (into: string) => Promise<void>): Promise<string> {
  const folder = path.join(CACHE, name);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const making = mkdtempSync(path.join(CACHE, `${name}.`));
  try {
    await fill(making);
    if (!existsSync(folder)) renameSync(making, folder);
    return folder;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Unpacks a Debian package into a folder: nothing is installed, and no service of it starts. */
export async function unpackDebian(name: string, into: string): Promise<void> {
  const exec = new SystemExec();
  const download = (): Promise<unknown> => exec.run(['apt-get', 'download', '-qq', name], { cwd: into, timeoutMs: FETCH_TIMEOUT_MS });
  // why again: a machine that was just made has no list of packages yet
  await download().catch(async () => {
    await exec.run(['apt-get', 'update', '-qq'], { timeoutMs: FETCH_TIMEOUT_MS });
    await download();
  });
  const packed = readdirSync(into).find((file) => file.endsWith('.deb'));
  if (packed === undefined) throw new Error(`apt-get download ${name} brought no package`);
  await exec.run(['dpkg-deb', '-x', packed, '.'], { cwd: into });
  rmSync(path.join(into, packed));
}
