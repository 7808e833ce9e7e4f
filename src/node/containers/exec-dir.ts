import { dirname, join } from 'node:path';
import type { RunPaths } from '../node-paths.ts';

/** Where commands in a run keep their state, one directory each: beside the OCI runtime's, so that a full disk keeps nobody from looking into a container. Pure. */
export function execDirOf(runcRoot: string, run: RunPaths): string {
  return join(dirname(runcRoot), 'exec', run.runtimeId);
}
