import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory of a process and of everything that it started. */
export function residentMiB(pid: number): number {
  let kib = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const status = readFileSync(`/proc/${entry}/status`, 'utf8');
      if (entry === String(pid) || status.includes(`PPid:\t${pid}\n`)) kib += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    } catch {
      // why: processes come and go while we look
    }
  }
  return kib / 1024;
}

/** CPU time that a process has taken so far, user and system, in seconds. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[USER_FIELD]) + Number(fields[USER_FIELD + 1])) / TICKS_PER_SEC;
}

/** utime in proc(5) stat, counted from the state. */
const USER_FIELD = 11;
/** USER_HZ, the same on all Linux architectures that Node runs on. */
const TICKS_PER_SEC = 100;

/** How long nothing happens while CPU time is measured, in seconds. */
export const IDLE_SEC = 30;

/** CPU time that the process takes while nobody asks it for anything, in percent of one core. */
export async function idlePercent(pid: number): Promise<number> {
  const before = cpuSeconds(pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_SEC * 1000));
  return ((cpuSeconds(pid) - before) / IDLE_SEC) * 100;
}
