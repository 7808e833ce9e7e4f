import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '#kit/json.ts';
import { replaceDurably } from '#linux/durable-file.ts';
import { PoolMissing } from './errors.ts';
import type { Host, LoopDevice } from '#linux/host.ts';
import { mountAt } from '#linux/mount-table.ts';

/** How a driver knows that its pool was made before. */
export interface PoolHistory {
  /** A file outside the pool that says that the pool was made; its directory exists. */
  readonly markerPath: string;
  /** How many volumes of this pool somebody still counts on. */
  readonly countVolumes: () => Promise<number>;
}

/** With this file in it a pool whose volumes are given up begins anew. */
const BEGIN_EMPTY = 'begin-empty';

/** Whether a pool of this kind was made before; undefined where nothing says so. */
export async function madeKind({ markerPath }: PoolHistory): Promise<string | undefined> {
  const text = await readFile(markerPath, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && typeof value['kind'] === 'string' ? value['kind'] : 'unknown';
  } catch {
    return 'unknown'; // why: what can't be read was written when a pool was made
  }
}

/** Writes the marker where it does not say so already. */
export async function notePool(history: PoolHistory, kind: string): Promise<void> {
  if ((await madeKind(history)) === kind) return;
  await replaceDurably(history.markerPath, `${JSON.stringify({ version: 1, kind })}\n`);
}

/** Says no to an empty pool where there was one with volumes in it. @throws PoolMissing */
export async function requireNew(dir: string, what: string, history: PoolHistory | undefined): Promise<void> {
  if (history === undefined) return;
  const giveUp = join(dir, BEGIN_EMPTY);
  if (await isThere(giveUp)) {
    await rm(giveUp);
    return;
  }
  const count = await history.countVolumes();
  if (count === 0 && (await madeKind(history)) === undefined) return;
  const lost = count === 0 ? '' : `, and ${count} PersistentVolume${count === 1 ? '' : 's'} lie${count === 1 ? 's' : ''} in it`;
  throw new PoolMissing(
    dir,
    `${what} is missing: the pool was made before${lost}. Nothing is made in its place. Mount the disk that it is on, or put it back; it is used at once. To give up its volumes and begin with an empty pool: touch ${giveUp}`,
  );
}

/** The loop device that holds the pool's image although it may have no name any more. */
export function heldBy(loops: readonly LoopDevice[], image: string): LoopDevice | undefined {
  return loops.find((loop) => loop.image === image);
}

/** Why the mounted image of a pool would be lost with its mount; undefined where its file is in its place. */
export async function imageProblem(dir: string, host: Host): Promise<PoolMissing | undefined> {
  const [image, mountPoint] = [join(dir, 'pool.img'), join(dir, 'mnt')];
  const device = mountAt(await host.mounts(), mountPoint)?.device;
  const loop = (await host.loops()).find((candidate) => candidate.device === device);
  if (loop === undefined) return undefined;
  const isNamed = await isThere(image);
  if (loop.isImageDeleted) return new PoolMissing(dir, deletedText({ image, mountPoint, loop, isNamed }));
  if (isNamed) return undefined;
  return new PoolMissing(
    dir,
    `pool.img was moved to ${loop.image} while it is in use, and would not be found at the next start: move it back to ${image}`,
  );
}

function deletedText(found: {
  readonly image: string;
  readonly mountPoint: string;
  readonly loop: LoopDevice;
  readonly isNamed: boolean;
}): string {
  const { image, mountPoint, loop, isNamed } = found;
  if (isNamed)
    return `${loop.path} still holds the pool.img that was removed, and not the file that is at ${image} now: stop the pods that use volumes, then umount ${mountPoint}; the file is used at once`;
  return `pool.img was removed, and only ${loop.path} still holds all volumes: they are lost when it is unmounted or the machine restarts. Save them now: fsfreeze --freeze ${mountPoint}; cp --sparse=always ${loop.path} ${image}.saved; fsfreeze --unfreeze ${mountPoint}. Better stop the pods that use volumes first, since what they write later is not in the copy. Then umount ${mountPoint}; mv ${image}.saved ${image}`;
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
