import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory } from '#linux/durable-file.ts';

/** Writes a file that after a crash is there whole or not at all. */
export async function writeWhole(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const part = `${file}.part`;
  const handle = await open(part, 'w', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
  await syncDirectory(path.dirname(path.resolve(file)));
}
