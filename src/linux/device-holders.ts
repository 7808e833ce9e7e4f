import { readdir, readFile, readlink } from 'node:fs/promises';
import type { LoopDevice } from './host.ts';
import { parseMountTable } from './mount-table.ts';

/** Holders that are named at most; one is usually enough to act on. */
const MAX_TOLD = 3;

/**
 * Who keeps a device open, for people: processes that have it open, and mounts, each mount namespace once. Another namespace's mounts are copies that an unmount here
 * does not reach (mount_namespaces(7)). Read through /proc, which waits for no file system; what ends meanwhile, or may not be read, is left out.
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
  /** The namespace, as `/proc/PID/ns/mnt` names it: a process may end, and another get its number. */
  readonly namespace: string;
  /** `major:minor`. */
  readonly device: string;
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
    const mounts = parseMountTable(await textOf(`/proc/${pid}/mountinfo`));
    // why: a process whose root lies deeper shows its mounts from there, and not all of them
    if (!mounts.some(({ mountPoint }) => mountPoint === '/')) continue;
    seen.add(namespace);
    const ours = mounts.filter((mount) => mount.device === device).toReversed();
    found.push(...ours.map(({ mountPoint }) => ({ pid: Number(pid), namespace, device, mountPoint })));
  }
  return found;
}

async function opened(pid: string, { path }: LoopDevice): Promise<readonly string[]> {
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => []))
    if ((await linkOf(`/proc/${pid}/fd/${fd}`)) === path) return ['has it open'];
  return [];
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
