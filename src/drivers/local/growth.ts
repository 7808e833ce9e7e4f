import { GrowthNeedsRemount, VolumeNotStaged } from './errors.ts';
import type { Host } from '#linux/host.ts';
import type { Staging } from './staging.ts';
import { isOnlineGrowthRefused, type Tools } from '#linux/tools.ts';
import type { VolumeRecord } from './volume-record.ts';
import type { VolumeStore } from './volume-store.ts';

/** What growing on the node needs of the driver. */
export interface GrowthOptions {
  readonly store: VolumeStore;
  readonly host: Host;
  readonly tools: Tools;
  readonly staging: Staging;
}

/**
 * Grows device and filesystem of a staged volume to the size of its record, while it is in use. Safe to repeat: each tool does nothing at full size.
 * @throws VolumeNotStaged, GrowthNeedsRemount (the volume then grows when it is staged next), CommandFailed
 */
export async function growStaged(record: VolumeRecord, { store, host, tools, staging }: GrowthOptions): Promise<void> {
  if (record.type === 'directory') return;
  await store.ensureImageSize(record);
  const loop = await staging.loopOf(store.imageOf(record.id));
  if (loop === undefined) throw new VolumeNotStaged(record.id, 'any path');
  await tools.refreshSize(loop.path);
  const mount = (await host.mounts()).find((entry) => entry.device === loop.device);
  if (mount === undefined) return; // why: a block volume has no filesystem of ours
  if (mount.fsType === 'xfs') {
    await tools.growXfs(mount.mountPoint);
    return;
  }
  try {
    await tools.growExt4Online(loop.path);
  } catch (thrown) {
    throw isOnlineGrowthRefused(thrown) ? new GrowthNeedsRemount(record.id, thrown) : thrown;
  }
}
