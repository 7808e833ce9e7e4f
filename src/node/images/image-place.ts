import { rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exec } from '#kit/exec.ts';
import type { Mount } from '#linux/mount-table.ts';
import { isErrno, modifiedMsIfAny, readRecordIfAny, removeTree } from '#linux/small-files.ts';

/** Where fetched images lie below the directory of images, one directory each, named by digest. */
export const FETCHED = 'fetched';
/** Where their names lie, beside it. */
export const NAMES = 'references';
/** What is removed has this name; `FetchedImages.sweep` knows it. */
const REMOVING = 'building-fetched-removed-';
/** Written last, inside the directory of an image; its time says when the image was last asked for. */
const DESCRIPTION = 'image.json';
/** Reading the sizes of a large image's files takes seconds on a slow disk. */
const MEASURE_TIMEOUT_MS = 300_000;

/** The directory of the image with this digest. Pure. */
export function placeOf(digest: string): string {
  return digest.replace(':', '-');
}

/** Notes that the image was asked for. */
export async function markUsed(place: string, nowMs: number): Promise<void> {
  const seconds = nowMs / 1000;
  try {
    await utimes(join(place, DESCRIPTION), seconds, seconds);
  } catch (error) {
    // why: an image that is removed at this moment is found missing by who asked
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

/** When the image was last asked for, in milliseconds since the epoch; undefined where it is gone. */
export function lastUsedMs(place: string): Promise<number | undefined> {
  return modifiedMsIfAny(join(place, DESCRIPTION));
}

/** Bytes of the image's files, as measured when it was unpacked; 0 = not known. */
export async function readSizeBytes(place: string): Promise<number> {
  const size = (await readRecordIfAny(join(place, DESCRIPTION)))?.['sizeBytes'];
  return typeof size === 'number' ? size : 0;
}

/** Bytes that the tree takes on its disk. */
export async function bytesBelow(exec: Exec, dir: string): Promise<number> {
  const { stdout } = await exec.run(['du', '-s', '-x', '-B1', dir], { timeoutMs: MEASURE_TIMEOUT_MS });
  return Number.parseInt(stdout, 10);
}

/** Tells of an image's directory whether containers' roots stand on it, or a pod has it as a volume. Pure. */
export function imagesInUse(mounts: readonly Mount[]): (place: string) => boolean {
  const roots = mounts.map(({ fsType, superOptions, root }) => (fsType === 'overlay' ? superOptions : root));
  return (place) => roots.some((text) => text.includes(`${place}/rootfs`));
}

/** Takes an image away: first aside, so that nobody finds half of it; what a crash leaves is removed at the next start. */
export async function removePlace(dir: string, place: string): Promise<void> {
  const aside = join(dir, `${REMOVING}${place}`);
  try {
    await rename(join(dir, FETCHED, place), aside);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  await removeTree(aside);
}
