import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProcesses } from '../machine/find-processes.ts';
import { signalProcess } from '../machine/processes.ts';
import type { RunPaths } from '../node-paths.ts';
import { isErrno, modifiedMsIfAny, readTextIfAny } from '#linux/small-files.ts';

/** A shim that made its file and wrote nothing into it for this long was killed in between. */
const HALF_CLAIM_MS = 5_000;

/**
 * Makes sure that a run whose shim is gone is over: a shim that comes late finds `file` and leaves, and what of the run still lives is killed.
 * Answers whether nothing lives any more; to be asked again where something did.
 */
export async function endLostRun(run: RunPaths, { file, nowMs }: { readonly file: string; readonly nowMs: number }): Promise<boolean> {
  const claim = join(run.dir, file);
  try {
    // why exclusive: either we or the shim make it, so a run that was given up never starts
    await writeFile(claim, '0\n', { flag: 'wx' });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    const isYoung = nowMs - ((await modifiedMsIfAny(claim)) ?? nowMs) < HALF_CLAIM_MS;
    if (isYoung && (await readTextIfAny(claim)) === '') return false;
  }
  // why by argument and by cgroup: the OCI runtime may live without its shim, and the container without both
  const left = await findProcesses({ argument: run.runtimeId, cgroup: run.cgroup });
  for (const pid of left) signalProcess(pid, 'SIGKILL');
  return left.length === 0;
}
