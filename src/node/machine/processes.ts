import { readTextIfAny } from '#linux/small-files.ts';

/** The state letter of a process (proc(5)), or undefined where it does not exist. */
async function stateOf(pid: number): Promise<string | undefined> {
  const text = await readTextIfAny(`/proc/${pid}/stat`);
  // why: the second field is the program's name in parentheses and may hold spaces and parentheses itself
  return text?.slice(text.lastIndexOf(')') + 2).charAt(0);
}

async function isRunning(pid: number): Promise<boolean> {
  const state = await stateOf(pid);
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** True where `pid` lives and is in the cgroup: a number that was given to another process since is not taken for it. */
export async function isInCgroup(pid: number, cgroup: string): Promise<boolean> {
  if (!(await isRunning(pid))) return false;
  const text = (await readTextIfAny(`/proc/${pid}/cgroup`)) ?? '';
  return text.split('\n').some((line) => line.endsWith(cgroup));
}

/** True where `pid` lives and `argument` is one of its arguments. */
export async function hasArgument(pid: number, argument: string): Promise<boolean> {
  if (!(await isRunning(pid))) return false;
  const text = (await readTextIfAny(`/proc/${pid}/cmdline`)) ?? '';
  return text.split('\0').includes(argument);
}

/** Sends the signal; a process that is gone is no failure. A negative `pid` means its process group. */
export function signalProcess(pid: number, signal: NodeJS.Signals | number): void {
  try {
    process.kill(pid, signal);
  } catch {
    // why: it ended in the meantime, which is what the signal was for
  }
}
