import type { VolumeMount } from '#api/generated/kubernetes.ts';
import { type Mount, mountOf } from '#linux/mount-table.ts';
import type { ConfinementMeans } from '../machine/confinement-means.ts';
import { ContainerNotMade } from './confinement.ts';
import type { BindMount } from './oci-config.ts';

/** How a volume mount's mounts travel. @throws ContainerNotMade where its place on the host lets none out, or in (as containerd refuses it). Pure. */
export function propagationOf(mount: VolumeMount, source: string, table: readonly Mount[]): BindMount['propagation'] {
  const { propagation = 'private', mountPoint = '/' } = mountOf(table, source) ?? {};
  const where = `path ${JSON.stringify(source)} is mounted on ${JSON.stringify(mountPoint)}`;
  switch (mount.mountPropagation) {
    case 'HostToContainer':
      if (propagation === 'private') throw new ContainerNotMade(`${where} but it is not a shared or slave mount`);
      return 'rslave';
    case 'Bidirectional':
      if (propagation !== 'shared') throw new ContainerNotMade(`${where} but it is not a shared mount`);
      return 'rshared';
    default:
      return 'rprivate';
  }
}

/** Whether what is mounted inside a read-only mount is to be read-only too. @throws ContainerNotMade where that is a must and this node can't. Pure. */
export function isDeeplyReadOnly(mount: VolumeMount, means: Pick<ConfinementMeans, 'hasRecursiveReadOnly'>): boolean {
  const { recursiveReadOnly = 'Disabled' } = mount;
  if (recursiveReadOnly === 'Enabled' && !means.hasRecursiveReadOnly)
    throw new ContainerNotMade(
      `volumeMount ${JSON.stringify(mount.name)}: recursiveReadOnly Enabled: the runc of this node can't do it (runc 1.1 can)`,
    );
  return recursiveReadOnly !== 'Disabled' && means.hasRecursiveReadOnly;
}
