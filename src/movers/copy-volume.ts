import { execFile } from 'node:child_process';
import { linkSync, rmSync, statfsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { VolumeOrder } from '#api/populators/fill-order.ts';
import { formatBytes } from '#kit/quantity.ts';
import { differences, differentDirectories, firstUnlike, furtherNames, placeOf, type Trees } from './compare-trees.ts';
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
  const survey = requireRoom(trees);
  progress.totalBytes = survey.bytes;
  await copyFiles(trees, { ...options, isLive: !order.isLast, survey });
  if (order.isLast) requireSame(trees);
}

/** What a pass has to do. */
interface Survey {
  /** What is copied takes and what goes for it has taken, in bytes. */
  readonly bytes: number;
  readonly freed: number;
  readonly copied: number;
  readonly removed: number;
  readonly furtherNames: number;
}

/** Looks at what differs. @throws FillRefused where it does not fit */
function requireRoom(trees: Trees): Survey {
  const sum = { bytes: 0, freed: 0, copied: 0, removed: 0, furtherNames: 0 };
  for (const each of differences(trees)) {
    if (each.kind === 'furtherName') {
      sum.furtherNames += 1;
      continue;
    }
    sum.freed += each.freedBytes;
    if (each.kind === 'remove') sum.removed += 1;
    else {
      sum.copied += 1;
      sum.bytes += each.bytes;
    }
  }
  const { bavail, bsize } = statfsSync(trees.target);
  const room = bavail * bsize + sum.freed;
  const needed = Math.ceil(sum.bytes * (1 + TABLES.share)) + TABLES.bytes;
  if (needed <= room) return sum;
  throw new FillRefused(
    `the data takes ${formatBytes(BigInt(roundUp(needed)))} in ${sum.copied} files, and the new volume has room for ${formatBytes(BigInt(Math.floor(room / MIB) * MIB))}: ask for a size that is larger by ${formatBytes(BigInt(roundUp(needed - room)))} at least`,
  );
}

const MIB = 1 << 20;

function roundUp(bytes: number): number {
  return Math.ceil(bytes / MIB) * MIB;
}

interface CopyFilesOptions extends Pick<FillOptions, 'progress' | 'signal'> {
  readonly isLive: boolean;
  readonly survey: Survey;
}

// why by the survey: nobody uses the claim at the last pass, and to walk over all files once more for nothing is time that they wait
async function copyFiles(trees: Trees, { progress, signal, isLive, survey }: CopyFilesOptions): Promise<void> {
  const { source, target } = trees;
  const onBytes = (count: number): void => void (progress.doneBytes += count);
  if (survey.copied + survey.removed > 0) await copyByTar({ source, target, names: toCopy(trees), isLive, signal, onBytes });
  if (survey.furtherNames > 0) joinNames(trees);
  await copyByTar({ source, target, names: differentDirectories(trees), isLive, signal, onBytes: () => undefined });
}

function joinNames(trees: Trees): void {
  for (const { name, of } of furtherNames(trees)) {
    remove(trees.target, name);
    tryLink(trees.target, name, of);
  }
}

/** The names of what is copied; what has to go goes as it is found. */
function* toCopy(trees: Trees): Generator<string> {
  for (const difference of differences(trees)) {
    if (difference.kind === 'remove') remove(trees.target, difference.name);
    if (difference.kind === 'copy') yield difference.name;
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
  const found = firstUnlike({ source, target, sinceSec: Number.POSITIVE_INFINITY });
  if (found === undefined) return;
  const name = JSON.stringify(Buffer.from(found === '' ? '/' : found, 'latin1').toString());
  throw new FillFailed(`${name} is not as in the old volume after it was copied: something has changed it meanwhile`);
}
