import { cgroupHierarchies, childCgroups } from './machine/cgroups.ts';
import { mountsBelow } from '#linux/mount-table.ts';
import type { Mounter } from '#linux/mounter.ts';
import { listNetworkNamespaces } from './machine/network-namespaces.ts';
import type { NodePaths } from './node-paths.ts';
import { listNames } from '#linux/small-files.ts';

/** What of a node exists on the machine: each list must agree with the node's pods. */
export interface NodeInventory {
  /** UIDs of pods that have a directory. */
  readonly pods: readonly string[];
  /** Ids of containers in the OCI runtime. */
  readonly containers: readonly string[];
  readonly mountPoints: readonly string[];
  /** Names below the node's own cgroup. */
  readonly cgroups: readonly string[];
  readonly networkNamespaces: readonly string[];
  /** Directories of staged volumes. */
  readonly stagedVolumes: readonly string[];
}

/** Looks at files, mounts, cgroups and namespaces; starts no process. */
export async function takeInventory(paths: NodePaths, mounter: Mounter): Promise<NodeInventory> {
  const table = await mounter.table();
  return {
    pods: await listNames(paths.pods),
    containers: await listNames(paths.runcRoot),
    mountPoints: mountsBelow(table, paths.root).map((mount) => mount.mountPoint),
    cgroups: await childCgroups(cgroupHierarchies(table), paths.cgroupRoot),
    networkNamespaces: await listNetworkNamespaces(paths.networkPrefix),
    stagedVolumes: await listNames(paths.staging),
  };
}
