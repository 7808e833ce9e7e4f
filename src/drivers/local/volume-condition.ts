import { stat, statfs } from 'node:fs/promises';
import { formatBytes } from '#kit/quantity.ts';
import type { VolumeCondition } from '#protocols/csi/generated/messages.ts';
import type { Mount } from '#linux/mount-table.ts';
import type { VolumeRecord } from './volume-record.ts';
import type { VolumeStore } from './volume-store.ts';

/** Whether a volume's files are where they belong (CSI 1.13 "VolumeCondition"). Reads only. */
export async function observeCondition(record: VolumeRecord, store: VolumeStore): Promise<VolumeCondition> {
  const path = record.type === 'file' ? store.imageOf(record.id) : store.dataOf(record.id);
  const found = await stat(path, { bigint: true }).catch((thrown: unknown) =>
    thrown instanceof Error ? thrown : new Error(String(thrown)),
  );
  if (found instanceof Error)
    return abnormal(
      `its ${record.type === 'file' ? 'image' : 'directory'} can not be read: ${found.message}; restore the volume from a copy`,
    );
  if (record.type === 'file' && found.size < record.sizeBytes)
    return abnormal(`its image has ${found.size} of ${record.sizeBytes} bytes; stage the volume again, which completes it`);
  return (await diskShortage(store)) ?? { abnormal: false, message: 'the volume is whole' };
}

/** What is wrong with a filesystem that was mounted for writing and takes no writes any more: ext4 does so after a fault below it. Pure. */
export function whyUnwritable({ isReadOnly, refusesWrites }: Pick<Mount, 'isReadOnly' | 'refusesWrites'>): VolumeCondition | undefined {
  if (isReadOnly || !refusesWrites) return undefined;
  return abnormal(
    'its filesystem takes no writes any more after a fault of the disk below it, for example a full one: free space there, stop the pods that use it, then start them again',
  );
}

/** Blocks come from the disk when they are written: below this share of it, as 1/n, and at most so many bytes, writers are about to fail. */
const LOW_SHARE = 100n;
const MOST_LOW_BYTES = 1024n * 1024n * 1024n;

async function diskShortage(store: VolumeStore): Promise<VolumeCondition | undefined> {
  const dir = store.diskDir;
  const { bsize, blocks, bavail } = await statfs(dir, { bigint: true });
  const [freeBytes, totalBytes] = [bavail * bsize, blocks * bsize];
  const lowBytes = totalBytes / LOW_SHARE;
  if (freeBytes >= (lowBytes < MOST_LOW_BYTES ? lowBytes : MOST_LOW_BYTES)) return undefined;
  return abnormal(
    `the disk under the pool ${dir} is full: ${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)}; free space there before writes fail`,
  );
}

/** A condition that somebody has to look at. */
export function abnormal(message: string): VolumeCondition {
  return { abnormal: true, message };
}
