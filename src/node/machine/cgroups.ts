import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, isPresent, listNames, readTextIfAny } from '#linux/small-files.ts';
import type { Mount } from '#linux/mount-table.ts';
import { signalProcess } from './processes.ts';

/** Mount points of all cgroup hierarchies, v1 and v2. */
export function cgroupHierarchies(table: readonly Mount[]): string[] {
  return table.filter((mount) => mount.fsType === 'cgroup' || mount.fsType === 'cgroup2').map((mount) => mount.mountPoint);
}

/**
 * The file that counts OOM kills of a cgroup: v1 `memory.oom_control`, v2 `memory.events`
 * (Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst); undefined where memory is not accounted.
 */
export function oomFile(table: readonly Mount[], cgroup: string): string | undefined {
  const v1 = table.find((mount) => mount.fsType === 'cgroup' && mount.superOptions.split(',').includes('memory'));
  if (v1 !== undefined) return join(v1.mountPoint, cgroup, 'memory.oom_control');
  const v2 = table.find((mount) => mount.fsType === 'cgroup2');
  return v2 === undefined ? undefined : join(v2.mountPoint, cgroup, 'memory.events');
}

/**
 * Bounds the processes and threads of a whole pod; undefined = no bound. Where the hierarchy counts none for the pod's cgroup yet, the bound of each of its containers holds.
 */
export async function limitProcesses(table: readonly Mount[], cgroup: string, limit: number | undefined): Promise<void> {
  const v1 = table.find((mount) => mount.fsType === 'cgroup' && mount.superOptions.split(',').includes('pids'));
  const hierarchy = v1 ?? table.find((mount) => mount.fsType === 'cgroup2');
  if (hierarchy === undefined) return;
  const dir = join(hierarchy.mountPoint, cgroup);
  await mkdir(dir, { recursive: true, mode: 0o755 });
  const file = join(dir, 'pids.max');
  if (await isPresent(file)) await writeFile(file, limit === undefined ? 'max' : String(limit));
}

/** What a cgroup takes now: bytes of memory that can't be had back for the asking, or processes and threads; 0 where nobody counts. */
export async function cgroupUse(table: readonly Mount[], cgroup: string, what: 'memory' | 'pids'): Promise<bigint> {
  const v1 = table.find((mount) => mount.fsType === 'cgroup' && mount.superOptions.split(',').includes(what));
  const hierarchy = v1 ?? table.find((mount) => mount.fsType === 'cgroup2');
  if (hierarchy === undefined) return 0n;
  const dir = join(hierarchy.mountPoint, cgroup);
  if (what === 'pids') return numberOf(await readTextIfAny(join(dir, 'pids.current')));
  const all = numberOf(await readTextIfAny(join(dir, v1 === undefined ? 'memory.current' : 'memory.usage_in_bytes')));
  const idle = numberOf(/^(?:total_)?inactive_file (\d+)$/m.exec((await readTextIfAny(join(dir, 'memory.stat'))) ?? '')?.[1]);
  return all > idle ? all - idle : 0n;
}

function numberOf(text: string | undefined): bigint {
  return /^\d+$/.test(text?.trim() ?? '') ? BigInt((text ?? '').trim()) : 0n;
}

/** Names of the cgroups directly below `cgroup`, over all hierarchies. */
export async function childCgroups(hierarchies: readonly string[], cgroup: string): Promise<string[]> {
  const names = new Set<string>();
  for (const hierarchy of hierarchies) {
    for (const name of await directories(join(hierarchy, cgroup))) names.add(name);
  }
  return [...names].sort();
}

/** Removes `cgroup` from all hierarchies, killing what is still in it. @throws the system's EBUSY while a process is on its way out */
export async function removeCgroup(hierarchies: readonly string[], cgroup: string): Promise<void> {
  for (const hierarchy of hierarchies) await removeBranch(join(hierarchy, cgroup));
}

/** Removes `cgroup` where nothing is in it. */
export async function removeEmptyCgroup(hierarchies: readonly string[], cgroup: string): Promise<void> {
  for (const hierarchy of hierarchies) {
    try {
      await rmdir(join(hierarchy, cgroup));
    } catch (error) {
      if (!isErrno(error, 'ENOENT', 'EBUSY', 'ENOTEMPTY')) throw error;
    }
  }
}

async function removeBranch(dir: string): Promise<void> {
  for (const name of await directories(dir)) await removeBranch(join(dir, name));
  const processes = (await readTextIfAny(join(dir, 'cgroup.procs'))) ?? '';
  for (const pid of processes.split('\n')) if (pid !== '') signalProcess(Number(pid), 'SIGKILL');
  try {
    await rmdir(dir);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

async function directories(dir: string): Promise<string[]> {
  if ((await listNames(dir)).length === 0) return [];
  const entries = await readdir(dir, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
