import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exec } from '#kit/exec.ts';
import { isCommandFailed } from '#kit/exec.ts';
import { removeTree } from '#linux/small-files.ts';
import type { Mounter } from '#linux/mounter.ts';

/** What trying needs. */
export interface LayerTools {
  readonly exec: Exec;
  readonly mounter: Mounter;
}

/**
 * Why the file system of `dir` can't hold layers of root file systems (it is such a layer itself, or of a kind that the kernel refuses); undefined where it can.
 * Tried, because no other way tells. Leaves nothing, also what a killed try left.
 */
export async function whyNoLayers({ exec, mounter }: LayerTools, dir: string): Promise<string | undefined> {
  const probe = join(dir, '.layer-probe');
  await mounter.unmountBelow(probe);
  await removeTree(probe);
  for (const name of ['lower', 'upper', 'work', 'root']) await mkdir(join(probe, name), { recursive: true, mode: 0o700 });
  try {
    // why relative: no character of the path can break the options
    await exec.run(['mount', '-t', 'overlay', 'overlay', '-o', 'lowerdir=lower,upperdir=upper,workdir=work', 'root'], { cwd: probe });
    return undefined;
  } catch (thrown) {
    if (!isCommandFailed(thrown)) throw thrown;
    return thrown.stderr.trim();
  } finally {
    await mounter.unmountBelow(probe);
    await removeTree(probe);
  }
}
