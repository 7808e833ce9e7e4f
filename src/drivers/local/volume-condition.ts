import { stat } from 'node:fs/promises';
import type { VolumeCondition } from '#protocols/csi/generated/messages.ts';
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
  return { abnormal: false, message: 'the volume is whole' };
}

/** A condition that somebody has to look at. */
export function abnormal(message: string): VolumeCondition {
  return { abnormal: true, message };
}
