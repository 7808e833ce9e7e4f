import { open } from 'node:fs/promises';
import type { ImageView } from './stage-plan.ts';
import { parseSuperblock, SUPERBLOCK_BYTES } from '#linux/superblock.ts';

/** Reads what the first bytes of an image say, without starting a process. */
export async function viewImage(path: string): Promise<ImageView> {
  const file = await open(path, 'r');
  try {
    const found = await file.stat({ bigint: true });
    const isBlank = found.blocks === 0n;
    if (isBlank) return { sizeBytes: found.size, isBlank, superblock: undefined };
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SUPERBLOCK_BYTES), 0, SUPERBLOCK_BYTES, 0);
    return { sizeBytes: found.size, isBlank, superblock: parseSuperblock(buffer.subarray(0, bytesRead)) };
  } finally {
    await file.close();
  }
}
