import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, realpath, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Exec, isCommandFailed } from '#kit/exec.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import { formatBytes } from '#kit/quantity.ts';
import { replaceDurably } from '#linux/durable-file.ts';
import { PoolUnavailable } from './errors.ts';
import { type Host, SystemHost } from '#linux/host.ts';
import type { Machine } from './machine.ts';
import { mountAt } from '#linux/mount-table.ts';
import { heldBy, imageProblem, madeKind, notePool, type PoolHistory, requireNew } from './pool-presence.ts';
import { Mounter } from '#linux/mounter.ts';
import { Tools } from '#linux/tools.ts';
import { isErrno, makeSparse } from './volume-store.ts';

/** A place for volumes. */
export interface Pool {
  readonly dir: string;
  /** Holds one directory per volume. */
  readonly volumesDir: string;
  /** `native`: the directory's own filesystem shares blocks (reflink); `image`: our XFS in `pool.img`; `plain`: copies are full copies. */
  readonly kind: 'native' | 'image' | 'plain';
  /** The sum of the sizes of all volumes stays at or below this. */
  readonly capacityBytes: bigint;
}

/** What {@link ensurePool} needs. */
export interface PoolOptions {
  readonly dir: string;
  /**
   * How much volumes may take. Default: 80 % of what is free on the disk when the pool is made, in whole GiB (whole MiB below 1 GiB). It is fixed then:
   * a pool never grows by itself.
   */
  readonly sizeBytes?: bigint | undefined;
  /** How many pools share the disk: the default is divided by it. */
  readonly share?: number;
  readonly machine: Machine;
  readonly exec: Exec;
  readonly log: Logger;
  readonly host?: Host;
  /** Absent = nobody knows whether there was one before: what is not there is made. */
  readonly history?: PoolHistory | undefined;
}

const MIB = 1n << 20n;
const GIB = 1n << 30n;
/** mkfs.xfs refuses less than 300 MiB (xfsprogs 5.19 release notes); with its log a pool of that size would be useless. */
const MIN_IMAGE_BYTES = 512n * MIB;
/** Share of an image pool that its own XFS needs for maps of shared and fragmented blocks, as 1/n. */
const METADATA_SHARE = 50n;

/**
 * Makes the pool in `dir`, or finds it as it is. In order: an existing `pool.img`; a directory that can share blocks or holds volumes or snapshots; with
 * root an image; else plain.
 * Idempotent: a crash at any point leaves a file ending in `.new`, which the next run replaces. One that was there before is not made again.
 * @throws PoolUnavailable, PoolMissing
 */
export async function ensurePool(options: PoolOptions): Promise<Pool> {
  const pool = await findOrMake(options);
  if (options.history !== undefined) await notePool(options.history, pool.kind);
  return pool;
}

async function findOrMake(options: PoolOptions): Promise<Pool> {
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const dir = await realpath(options.dir);
  if (await isImageHere(dir, options.host)) return mountPool({ ...options, dir });
  const volumesDir = join(dir, 'volumes');
  // why: an image would hide what lies in the directory already, snapshots that have outlived their volumes too
  const isUsed = (await hasEntries(volumesDir)) || (await hasEntries(join(dir, 'snapshots')));
  await refuseAnother(options, { dir, isUsed });
  const canShareBlocks = await probeReflink(dir);
  if (canShareBlocks || isUsed || !canMakeImage(options.machine)) {
    await mkdir(volumesDir, { recursive: true, mode: 0o700 });
    return { dir, volumesDir, kind: canShareBlocks ? 'native' : 'plain', capacityBytes: await directoryCapacity(dir, options) };
  }
  try {
    await makeImage({ ...options, dir });
  } catch (thrown) {
    if (PlatformError.from(thrown).reason !== 'CommandMissing') throw thrown;
    options.log.warn('xfsprogs is not installed: volumes lie in a plain directory, snapshots of them will be full copies', {
      path: dir,
      err: thrown,
    });
    await mkdir(volumesDir, { recursive: true, mode: 0o700 });
    return { dir, volumesDir, kind: 'plain', capacityBytes: await directoryCapacity(dir, options) };
  }
  return mountPool({ ...options, dir });
}

/**
 * Unmounts an image pool where nothing uses it any more; true where it is not mounted afterwards. Other pools have nothing to release, and one whose image
 * has no name any more would be lost.
 */
export async function releasePool(pool: Pool, exec: Exec, host: Host = new SystemHost()): Promise<boolean> {
  if (pool.kind !== 'image') return true;
  if ((await imageProblem(pool.dir, host)) !== undefined) return false;
  try {
    await new Mounter(exec).unmount(join(pool.dir, 'mnt'));
    return true;
  } catch (thrown) {
    if (isCommandFailed(thrown) && thrown.stderr.includes('busy')) return false;
    throw thrown;
  }
}

/** @throws PoolMissing where there was a pool, and what is there is not it */
async function refuseAnother(
  { history, machine }: PoolOptions,
  { dir, isUsed }: { readonly dir: string; readonly isUsed: boolean },
): Promise<void> {
  const before = history === undefined ? undefined : await madeKind(history);
  const isDirectory = before === 'native' || before === 'plain' || !canMakeImage(machine);
  const isFound = isUsed || (isDirectory && (await exists(join(dir, 'volumes'))));
  if (before === 'image' || !isFound) await requireNew(dir, before === 'image' ? 'pool.img' : 'what was in it', history);
}

/** The image is there, or the kernel still has it: mounted, or attached to a loop device. */
async function isImageHere(dir: string, host: Host = new SystemHost()): Promise<boolean> {
  const image = join(dir, 'pool.img');
  if (await exists(image)) return true;
  return mountAt(await host.mounts(), join(dir, 'mnt')) !== undefined || heldBy(await host.loops(), image) !== undefined;
}

function canMakeImage(machine: Machine): boolean {
  return machine.mounting.isPossible && machine.loopDevices.isPossible;
}

async function makeImage({ dir, sizeBytes, share, exec, log }: PoolOptions): Promise<void> {
  const size = sizeBytes ?? (await defaultSize(dir, share));
  if (size < MIN_IMAGE_BYTES)
    throw new PoolUnavailable(
      dir,
      `${formatBytes(size)} is too small, ${formatBytes(MIN_IMAGE_BYTES)} is the least; free space on the disk or give another directory`,
    );
  const making = join(dir, 'pool.img.new');
  await rm(making, { force: true });
  await makeSparse(making, size);
  await new Tools(exec).makeFilesystem('xfs', making);
  await rename(making, join(dir, 'pool.img'));
  log.info('pool made', { path: join(dir, 'pool.img') });
}

async function mountPool({ dir, machine, exec, host = new SystemHost() }: PoolOptions): Promise<Pool> {
  const mountPoint = join(dir, 'mnt');
  await mkdir(mountPoint, { recursive: true, mode: 0o700 });
  if (mountAt(await host.mounts(), mountPoint) === undefined) {
    if (!canMakeImage(machine)) {
      const { mounting, loopDevices } = machine;
      const missing = [mounting, loopDevices].flatMap((ability) => (ability.isPossible ? [] : [ability.missing]))[0];
      throw new PoolUnavailable(
        dir,
        `it was made as root and is an image that must be mounted, but ${missing}; start as root or give another directory`,
      );
    }
    const image = join(dir, 'pool.img');
    const how = { fsType: 'xfs', options: ['discard', 'noatime'] };
    const held = (await exists(image)) ? undefined : heldBy(await host.loops(), image);
    const mounter = new Mounter(exec);
    await (held === undefined ? mounter.mountImage(image, mountPoint, how) : mounter.mountDevice(held.path, mountPoint, how));
  }
  const { blocks, bsize } = await statfs(mountPoint, { bigint: true });
  const total = blocks * bsize;
  const volumesDir = join(mountPoint, 'volumes');
  await mkdir(volumesDir, { recursive: true, mode: 0o700 });
  return { dir, volumesDir, kind: 'image', capacityBytes: wholeMib(total - total / METADATA_SHARE) };
}

/** The capacity of a pool that is a directory: as asked for, else as decided when it was first used. */
async function directoryCapacity(dir: string, { sizeBytes: asked, share }: PoolOptions): Promise<bigint> {
  const path = join(dir, 'pool.json');
  const decided = asked ?? (await readCapacity(path));
  if (decided !== undefined && asked === undefined) return decided;
  const capacityBytes = decided ?? (await defaultSize(dir, share));
  await replaceDurably(path, `${JSON.stringify({ version: 1, capacityBytes: String(capacityBytes) })}\n`);
  return capacityBytes;
}

async function readCapacity(path: string): Promise<bigint | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
  const capacity = capacityIn(text);
  if (typeof capacity !== 'string' || !/^\d+$/.test(capacity))
    throw new PoolUnavailable(path, 'capacityBytes is not a number of bytes; correct or remove the file');
  return BigInt(capacity);
}

function capacityIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value['capacityBytes'] : undefined;
  } catch {
    return undefined; // why: what is no JSON has no number either, and the remedy is the same
  }
}

async function defaultSize(dir: string, share = 1): Promise<bigint> {
  const { bavail, bsize } = await statfs(dir, { bigint: true });
  const size = (bavail * bsize * 4n) / 5n / BigInt(share);
  return size >= GIB ? (size / GIB) * GIB : wholeMib(size);
}

function wholeMib(sizeBytes: bigint): bigint {
  return (sizeBytes / MIB) * MIB;
}

/** Whether files in `dir` can share blocks: tried, because no other way tells for every filesystem (ioctl_ficlonerange(2)). */
async function probeReflink(dir: string): Promise<boolean> {
  const from = join(dir, '.reflink-probe');
  const to = join(dir, '.reflink-probe-copy');
  try {
    await writeFile(from, 'probe');
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (thrown) {
    if (['ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EXDEV', 'ENOSYS', 'ENOTTY'].some((code) => isErrno(thrown, code))) return false;
    throw new PoolUnavailable(dir, 'files cannot be written there', thrown);
  } finally {
    await rm(from, { force: true });
    await rm(to, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function hasEntries(path: string): Promise<boolean> {
  return (await readdir(path).catch(() => [])).length > 0;
}
