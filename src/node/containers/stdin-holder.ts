import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { signalProcess } from '../machine/processes.ts';
import type { RunPaths } from '../node-paths.ts';
import { isErrno, readTextIfAny } from '#linux/small-files.ts';
import { RUN_FILES } from './run-state.ts';

/**
 * Ends the process that keeps a run's input open while nobody is attached: from then on the end of the last attachment is the end of the input.
 * A number that was given to another process since is not taken for it.
 */
export async function closeStdin(run: RunPaths): Promise<void> {
  const pid = Number((await readTextIfAny(join(run.dir, RUN_FILES.stdinHolder))) ?? '');
  if (!Number.isInteger(pid) || pid <= 0) return;
  if ((await directoryOf(pid)) === run.dir) signalProcess(pid, 'SIGKILL');
}

async function directoryOf(pid: number): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH', 'EACCES')) return undefined;
    throw error;
  }
}
