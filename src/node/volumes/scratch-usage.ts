import { join } from 'node:path';
import type { Pod, Volume } from '#api/generated/kubernetes.ts';
import type { Exec } from '#kit/exec.ts';
import { bytesOf } from '#kit/quantity.ts';
import type { PodPaths } from '../node-paths.ts';

/** Where a volume is inside its directory. */
export const MOUNT = 'mount';
/** Measuring a directory with very many files takes its time. */
const MEASURE_TIMEOUT_MS = 60_000;

/** The emptyDir volumes on disk that have a limit; those in memory are limited by their file system. Pure. */
export function limitedScratchOf(pod: Pod): readonly Volume[] {
  return (pod.spec.volumes ?? []).filter(({ emptyDir }) => (emptyDir?.medium ?? '') === '' && bytesOf(emptyDir?.sizeLimit ?? '0') > 0n);
}

/** Why the pod takes more scratch space than it may, in kubelet's words; undefined where it does not. Reads only. */
export async function whyOverfull(exec: Exec, pod: Pod, paths: PodPaths): Promise<string | undefined> {
  for (const { name, emptyDir } of limitedScratchOf(pod)) {
    const limit = emptyDir?.sizeLimit ?? '0';
    if ((await usedBytes(exec, join(paths.volume(name), MOUNT))) > bytesOf(limit))
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(limit)}. `;
  }
  return undefined;
}

/** Bytes on disk, as kubelet counts them: blocks, not lengths of files. */
async function usedBytes(exec: Exec, dir: string): Promise<bigint> {
  // why 1 is fine: files that go while they are counted make du complain, and its sum is right all the same
  const { stdout } = await exec.run(['du', '-sx', '--block-size=1', dir], { timeoutMs: MEASURE_TIMEOUT_MS, okCodes: [0, 1] });
  return BigInt(/^\d+/.exec(stdout)?.[0] ?? '0');
}
