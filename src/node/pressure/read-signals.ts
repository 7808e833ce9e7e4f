import { statfs } from 'node:fs/promises';
import { readTextIfAny } from '#linux/small-files.ts';
import type { Readings } from './thresholds.ts';

const KIB = 1024n;

/** Looks at memory, process numbers, and the disk of `dir`. */
export async function readSignals(dir: string): Promise<Readings> {
  const disk = await statfs(dir, { bigint: true });
  const memory = (await readTextIfAny('/proc/meminfo')) ?? '';
  const kib = (field: string): bigint => BigInt(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? '0') * KIB;
  const pids = await readPids();
  return {
    'memory.available': { available: kib('MemAvailable'), capacity: kib('MemTotal') },
    'nodefs.available': { available: disk.bavail * disk.bsize, capacity: disk.blocks * disk.bsize },
    // why: some file systems make inodes as they are needed and say 0 of 0
    'nodefs.inodesFree': { available: disk.ffree, capacity: disk.files },
    'pid.available': pids,
  };
}

/** Threads that may still be made: their numbers run out, or their count. */
async function readPids(): Promise<{ readonly available: bigint; readonly capacity: bigint }> {
  const limits = await Promise.all(['pid_max', 'threads-max'].map((name) => readTextIfAny(`/proc/sys/kernel/${name}`)));
  const capacity = limits.map((text) => BigInt((text ?? '').trim() || '0')).reduce((least, limit) => (limit < least ? limit : least));
  const running = BigInt(/^\S+ \S+ \S+ \d+\/(\d+)/.exec((await readTextIfAny('/proc/loadavg')) ?? '')?.[1] ?? '0');
  return { available: capacity > running ? capacity - running : 0n, capacity };
}
