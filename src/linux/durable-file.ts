import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces or makes `path` so that after a crash it has the old text or the new one, and after the return the new one. */
export async function replaceDurably(path: string, text: string): Promise<void> {
  const next = `${path}.tmp`;
  await writeDurably(next, text);
  await rename(next, path);
  await syncDirectory(dirname(path));
}

/** Writes a file and waits until its bytes are on the disk; its name is durable only after {@link syncDirectory}. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Waits until the names in a directory are on the disk. */
export async function syncDirectory(path: string): Promise<void> {
  const dir = await open(path, 'r');
  try {
    await dir.sync();
  } finally {
    await dir.close();
  }
}
