import { join } from 'node:path';
import type { Pod } from '#api/generated/kubernetes.ts';
import type { Exec } from '#kit/exec.ts';
import { RUN_FILES } from '../containers/run-state.ts';
import type { PodPaths } from '../node-paths.ts';
import type { ObservedContainers } from '../status/observed-pod.ts';
import { isPresent } from '#linux/small-files.ts';
import { MOUNT } from '../volumes/scratch-usage.ts';

/** Measuring a directory with very many files takes its time. */
const MEASURE_TIMEOUT_MS = 60_000;

/** Where a pod and its containers are on the node. */
export interface MeasuredPod {
  readonly pod: Pod;
  readonly paths: PodPaths;
  readonly observed: ObservedContainers;
}

/** Bytes or inodes on disk, as kubelet counts them: blocks, not lengths of files. */
export type Measure = 'bytes' | 'inodes';

/** What the paths take together; those that are not there take nothing. */
export async function diskUse(exec: Exec, paths: readonly string[], measure: Measure = 'bytes'): Promise<bigint> {
  const present = [];
  for (const path of paths) if (await isPresent(path)) present.push(path);
  if (present.length === 0) return 0n;
  const unit = measure === 'bytes' ? '--block-size=1' : '--inodes';
  // why 1 is fine: files that go while they are counted make du complain, and its sum is right all the same
  const { stdout } = await exec.run(['du', '-scx', unit, ...present], { timeoutMs: MEASURE_TIMEOUT_MS, okCodes: [0, 1] });
  return BigInt(/^(\d+)\ttotal$/m.exec(stdout)?.[1] ?? '0');
}

/** What each container has written beside its volumes: its own layer, and its logs. */
export async function containerUses(
  exec: Exec,
  { paths, observed }: MeasuredPod,
  measure: Measure = 'bytes',
): Promise<readonly { readonly name: string; readonly used: bigint }[]> {
  const uses = [];
  for (const [name, { latest, previous }] of observed) {
    const runs = [latest, previous].flatMap((run) => (run === undefined ? [] : [paths.run(name, run.record.attempt).dir]));
    const own = runs.flatMap((dir) => [join(dir, 'upper'), join(dir, RUN_FILES.log)]);
    uses.push({ name, used: await diskUse(exec, own, measure) });
  }
  return uses;
}

/** What the pod's emptyDir volumes on disk take. */
export function scratchUse(exec: Exec, { pod, paths }: MeasuredPod, measure: Measure = 'bytes'): Promise<bigint> {
  const onDisk = (pod.spec.volumes ?? []).filter(({ emptyDir }) => emptyDir !== undefined && (emptyDir.medium ?? '') === '');
  return diskUse(
    exec,
    onDisk.map(({ name }) => join(paths.volume(name), MOUNT)),
    measure,
  );
}
