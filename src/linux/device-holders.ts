import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import type { LoopDevice } from './host.ts';
import { parseMountTable } from './mount-table.ts';

/** Holders that are named at most; one is usually enough to act on. */
const MAX_TOLD = 3;

/**
 * Who keeps a device open, for people: processes that have it open, and mounts, each mount namespace once. Another namespace's mounts are copies that
 * an unmount here does not reach (mount_namespaces(7)). Read through /proc; what ends meanwhile, or may not be read, is left out.
 */
export async function describeHolders(loop: LoopDevice): Promise<string> {
  const told: string[] = [];
  const seenNamespaces = new Set<string>();
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const ways = [...(await opened(pid, loop)), ...(await mounted(pid, loop, seenNamespaces))];
    if (ways.length === 0) continue;
    const name = (await textOf(`/proc/${pid}/comm`)).trim();
    told.push(...ways.map((way) => `process ${pid} (${name}) ${way}`));
    if (told.length >= MAX_TOLD) break;
  }
  return told.length === 0 ? 'by something that /proc does not show' : told.join(', ');
}

/** A mount of a device in a mount namespace that is not ours. */
export interface ForeignMount {
  /** Of a process that is in that namespace. */
  readonly pid: number;
  /** As that namespace shows it. */
  readonly mountPoint: string;
}

/** Mounts of a device in other mount namespaces, the upper ones first. Read through /proc; what ends meanwhile, or may not be read, is left out. */
export async function foreignMounts({ device }: LoopDevice): Promise<readonly ForeignMount[]> {
  const seen = new Set([await linkOf('/proc/self/ns/mnt')]);
  const found: ForeignMount[] = [];
  for (const pid of await readdir('/proc')) {
    const namespace = /^\d+$/.test(pid) ? await linkOf(`/proc/${pid}/ns/mnt`) : undefined;
    if (namespace === undefined || seen.has(namespace)) continue;
    seen.add(namespace);
    const mounts = parseMountTable(await textOf(`/proc/${pid}/mountinfo`)).filter((mount) => mount.device === device);
    found.push(...mounts.map(({ mountPoint }) => ({ pid: Number(pid), mountPoint })).toReversed());
  }
  return found;
}

async function opened(pid: string, { path, device }: LoopDevice): Promise<readonly string[]> {
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const file = `/proc/${pid}/fd/${fd}`;
    const target = await linkOf(file);
    if (target === path) return ['has it open'];
    if (await isOn(file, device)) return [`has a file of it open, ${target}`];
  }
  return (await isOn(`/proc/${pid}/cwd`, device)) ? ['works in a directory of it'] : [];
}

/** True where the file lies on the filesystem of `device` ("major:minor"). */
async function isOn(file: string, device: string): Promise<boolean> {
  const dev = (await stat(file).catch(() => undefined))?.dev;
  return dev !== undefined && numbersOf(dev) === device;
}

/** "major:minor" of a device number (makedev(3), glibc). */
function numbersOf(dev: number): string {
  const [low, high] = [dev % 2 ** 32, Math.floor(dev / 2 ** 32)];
  const major = ((low >>> 8) & 0xfff) + (high & ~0xfff);
  const minor = (low & 0xff) + ((low >>> 12) & ~0xff);
  return `${major}:${minor}`;
}

async function mounted(pid: string, { device }: LoopDevice, seen: Set<string>): Promise<readonly string[]> {
  const namespace = await linkOf(`/proc/${pid}/ns/mnt`);
  if (namespace === undefined || seen.has(namespace)) return [];
  seen.add(namespace);
  const entry = parseMountTable(await textOf(`/proc/${pid}/mountinfo`)).find((mount) => mount.device === device);
  return entry === undefined ? [] : [`has it mounted at ${entry.mountPoint} in its mount namespace`];
}

async function linkOf(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined);
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
