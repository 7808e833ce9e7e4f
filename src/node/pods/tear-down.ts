import { PlatformError } from '#kit/errors.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import { cgroupHierarchies, removeCgroup } from '../machine/cgroups.ts';
import { mountsBelow } from '#linux/mount-table.ts';
import type { Mounter } from '#linux/mounter.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import type { PodPaths } from '../node-paths.ts';
import { removeTree } from '#linux/small-files.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import { readPodRecord, writePodRecord } from '../pod-record.ts';

/** What tearing down needs. */
export interface TearDownTools {
  readonly mounter: Pick<Mounter, 'table'>;
  readonly network: Pick<PodNetwork, 'detach'>;
  readonly runtime: Pick<ContainerRuntime, 'cleanUpAll' | 'forgetPod'>;
  readonly volumes: Pick<PodVolumes, 'tearDown'>;
}

/**
 * How much goes: `pause` = what only a running platform may hold (mounts, namespaces, cgroups), scratch data and logs stay;
 * `finish` = all but logs and exit codes; `remove` = everything.
 */
export type TearDownExtent = 'pause' | 'finish' | 'remove';

/** Removes what a pod without running containers has outside. Needs no API object; each step looks first, so it may be repeated after any crash. */
export async function tearDownPod(
  tools: TearDownTools,
  paths: PodPaths,
  options: { readonly extent: TearDownExtent; readonly signal: AbortSignal },
): Promise<void> {
  await tools.runtime.cleanUpAll(paths);
  await tools.volumes.tearDown(paths, { data: options.extent === 'pause' ? 'keep' : 'remove', signal: options.signal });
  await tools.network.detach(paths, options.extent === 'pause' ? 'keep' : 'free');
  await removeCgroup(cgroupHierarchies(await tools.mounter.table()), paths.cgroup);
  if (options.extent === 'finish') {
    const record = await readPodRecord(paths);
    if (record !== undefined) await writePodRecord(paths, { ...record, isFinished: true });
  }
  if (options.extent === 'remove') await removePodDir(tools, paths);
}

async function removePodDir({ mounter, runtime }: TearDownTools, paths: PodPaths): Promise<void> {
  const [mount] = mountsBelow(await mounter.table(), paths.dir);
  // why: deleting through a mount would delete the data of a volume
  if (mount !== undefined)
    throw new PlatformError({
      code: 'Internal',
      reason: 'PodDirBusy',
      message: `${mount.mountPoint} is still mounted in the directory of pod ${paths.uid}`,
    });
  await runtime.forgetPod(paths);
  await removeTree(paths.dir);
}
