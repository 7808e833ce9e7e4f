import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RUN_FILES } from './containers/run-state.ts';
import type { NodePaths } from './node-paths.ts';
import { isErrno, listNames, UNFINISHED } from '#linux/small-files.ts';

/** The end of a run is written by its shim, which may be at it right now. */
const SHIMS_OWN = `${RUN_FILES.exit}${UNFINISHED}`;

/** Removes what a killed platform left of small files that it was about to replace. To be called before anything writes; what is in volumes is never looked at. */
export async function sweepHalves(paths: NodePaths): Promise<void> {
  for (const name of await listNames(paths.staging)) await sweep(join(paths.staging, name));
  for (const uid of await listNames(paths.pods)) {
    const dir = join(paths.pods, uid);
    await sweep(dir);
    for (const volume of await listNames(join(dir, 'volumes'))) await sweep(join(dir, 'volumes', volume));
    for (const container of await listNames(join(dir, 'containers')))
      for (const attempt of await listNames(join(dir, 'containers', container))) {
        const run = join(dir, 'containers', container, attempt);
        await sweep(run);
        await sweep(join(run, 'state'));
      }
  }
}

async function sweep(dir: string): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((thrown: unknown) => {
    if (isErrno(thrown, 'ENOENT', 'ENOTDIR')) return [];
    throw thrown;
  });
  for (const entry of entries) {
    const path = join(dir, entry.name);
    if (entry.isFile() && path.endsWith(UNFINISHED) && !path.endsWith(`/${SHIMS_OWN}`)) await rm(path, { force: true });
  }
}
