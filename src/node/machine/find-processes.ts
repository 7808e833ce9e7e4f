import { listNames, readTextIfAny } from '#linux/small-files.ts';

/** Processes that live and have `argument` among their arguments or are in `cgroup`. Reads the whole process table: not for what happens often. */
export async function findProcesses(of: { readonly argument: string; readonly cgroup: string }): Promise<number[]> {
  const found: number[] = [];
  for (const name of await listNames('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    // why no look at the state: of one that has ended both are empty, or name the root
    const words = (await readTextIfAny(`/proc/${name}/cmdline`)) ?? '';
    const isMatch = words.split('\0').includes(of.argument) || (await isIn(name, of.cgroup));
    if (isMatch) found.push(Number(name));
  }
  return found;
}

async function isIn(pid: string, cgroup: string): Promise<boolean> {
  const text = (await readTextIfAny(`/proc/${pid}/cgroup`)) ?? '';
  return text.split('\n').some((line) => line.endsWith(cgroup));
}
