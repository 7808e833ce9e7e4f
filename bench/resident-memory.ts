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
