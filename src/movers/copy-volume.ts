import { execFile } from 'node:child_process';
import { linkSync, rmSync, statfsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { VolumeOrder } from '#api/populators/fill-order.ts';
import { formatBytes } from '#kit/quantity.ts';
import { type Difference, differences, differentDirectories, furtherNames, placeOf, type Trees } from './compare-trees.ts';
import { copyByTar } from './copy-by-tar.ts';
import { copyDevice } from './copy-device.ts';
import type { FillOptions } from './fill.ts';
import { FillFailed, FillRefused } from './fill-errors.ts';

/** The clock of a file server may be behind that of the machine by this. */
const CLOCK_SLACK_SEC = 60;
/** What a file system takes for itself of what is written: its tables. */
const TABLES = { share: 0.01, bytes: 1 << 20 } as const;

/** One pass that makes the target volume like the source: only what has changed is copied, and what is no longer there goes. @throws FillRefused where it does not fit, FillFailed */
export async function copyVolume(
  order: VolumeOrder,
  options: Pick<FillOptions, 'sourceDir' | 'targetDir' | 'progress' | 'signal'>,
): Promise<void> {
  const { sourceDir: source, targetDir: target, progress, signal } = options;
  if (order.isBlock) return copyDevice({ source, target, progress, signal });
  // why before anything is read: pages that were changed earlier through a mapping change again without a new time
  await promisify(execFile)('sync', ['-f', source]);
  const trees = { source, target, sinceSec: Math.max(0, (order.sinceSec ?? 0) - CLOCK_SLACK_SEC) };
  progress.totalBytes = requireRoom(trees);
  await copyFiles(trees, { ...options, isLive: !order.isLast });
  if (order.isLast) requireSame(trees);
}

/** How many bytes are to be copied. @throws FillRefused where they do not fit */
function requireRoom(trees: Trees): number {
  const sum = { bytes: 0, freed: 0, count: 0 };
  for (const each of differences(trees)) {
    sum.freed += each.freedBytes;
    if (each.kind === 'remove') continue;
    sum.bytes += each.bytes;
    sum.count += 1;
  }
  const { bavail, bsize } = statfsSync(trees.target);
  const room = bavail * bsize + sum.freed;
  const needed = Math.ceil(sum.bytes * (1 + TABLES.share)) + TABLES.bytes;
  if (needed <= room) return sum.bytes;
  throw new FillRefused(
    `the data takes ${formatBytes(BigInt(roundUp(needed)))} in ${sum.count} files, and the new volume has room for ${formatBytes(BigInt(Math.floor(room / MIB) * MIB))}: ask for a size that is larger by ${formatBytes(BigInt(roundUp(needed - room)))} at least`,
  );
}

const MIB = 1 << 20;

function roundUp(bytes: number): number {
  return Math.ceil(bytes / MIB) * MIB;
}

async function copyFiles(
  trees: Trees,
  { progress, signal, isLive }: Pick<FillOptions, 'progress' | 'signal'> & { readonly isLive: boolean },
): Promise<void> {
  const { source, target } = trees;
  const onBytes = (count: number): void => void (progress.doneBytes += count);
  await copyByTar({ source, target, names: toCopy(trees), isLive, signal, onBytes });
  for (const { name, of } of furtherNames(trees)) {
    remove(target, name);
    tryLink(target, name, of);
  }
  await copyByTar({ source, target, names: differentDirectories(trees), isLive, signal, onBytes: () => undefined });
}

/** The names of what is copied; what has to go goes as it is found. */
function* toCopy(trees: Trees): Generator<string> {
  for (const difference of differences(trees)) {
    if (difference.kind === 'remove') remove(trees.target, difference.name);
    else yield difference.name;
  }
}

function remove(target: string, name: string): void {
  rmSync(placeOf(target, name), { recursive: true, force: true });
}

/** Where the first name went meanwhile, the next pass finds it so. */
function tryLink(target: string, name: string, of: string): void {
  try {
    linkSync(placeOf(target, of), placeOf(target, name));
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown;
  }
}

/** Looks once more at all that was copied. @throws FillFailed where anything is not as in the source */
function requireSame({ source, target }: Trees): void {
  const trees = { source, target, sinceSec: Number.POSITIVE_INFINITY };
  const difference: Difference | undefined = differences(trees).next().value ?? undefined;
  const found = difference?.name ?? furtherNames(trees).next().value?.name ?? differentDirectories(trees).next().value;
  if (found === undefined) return;
  const name = JSON.stringify(Buffer.from(found === '' ? '/' : found, 'latin1').toString());
  throw new FillFailed(`${name} is not as in the old volume after it was copied: something has changed it meanwhile`);
}
