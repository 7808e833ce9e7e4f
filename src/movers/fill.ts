import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ArchiveOrder, DirectoryOrder, FillOrder } from '#api/populators/fill-order.ts';
import type { Clock } from '#kit/clock.ts';
import { copyDirectory, sizeOfDirectory } from './copy-directory.ts';
import { fetchBytes } from './fetch-bytes.ts';
import { FillRefused } from './fill-errors.ts';
import { FillTarget } from './fill-target.ts';
import { unpack } from './unpack.ts';

/** Where a volume is filled, and who is told how far it is. */
export interface FillOptions {
  /** The volume to fill, and the one to copy from. */
  readonly targetDir: string;
  readonly sourceDir: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** How far it is; read by whoever asks. */
export interface Progress {
  doneBytes: number;
  totalBytes: number | undefined;
}

/** Fills an empty volume as ordered; what an earlier try left in it is removed first. @throws FillRefused, FillFailed */
export async function fill(order: FillOrder, options: FillOptions): Promise<void> {
  const target = new FillTarget(options.targetDir, BigInt(order.maxBytes));
  await target.empty();
  if (order.kind === 'archive') await fillFromArchive(order, target, options);
  else await fillFromDirectory(order, target, options);
  await target.finish();
}

async function fillFromArchive(order: ArchiveOrder, target: FillTarget, { clock, signal, progress }: FillOptions): Promise<void> {
  const hash = createHash('sha256');
  const { url, caBundle, allowedHosts, part, into, sha256 } = order;
  const onTotal = (bytes: number): void => void (progress.totalBytes = bytes > 0 ? bytes : undefined);
  const fetched = counted(fetchBytes({ url, caBundle, allowedHosts, clock, signal, onTotal }), (bytes) => {
    hash.update(bytes);
    progress.doneBytes += bytes.length;
  });
  await unpack(fetched, { target, into, part, fileName: fileNameOf(url) });
  const got = hash.digest('hex');
  if (sha256 !== undefined && got !== sha256.toLowerCase())
    throw new FillRefused(
      `the SHA-256 of ${url} is ${got}, and not ${sha256.toLowerCase()}: it is not what was meant, or changed on the way`,
    );
}

async function* counted(source: AsyncIterable<Uint8Array>, onBytes: (bytes: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    onBytes(bytes);
    yield bytes;
  }
}

async function fillFromDirectory({ from, into }: DirectoryOrder, target: FillTarget, { sourceDir, progress }: FillOptions): Promise<void> {
  progress.totalBytes = await sizeOfDirectory(sourceDir, from);
  const onBytes = (count: number): void => void (progress.doneBytes += count);
  await copyDirectory({ root: sourceDir, from, target, into, onBytes });
}

/** The name of what is fetched, where it is one file: the end of its path, without what only says how it is packed. */
function fileNameOf(url: string): string {
  const name = decodeURIComponent(path.posix.basename(new URL(url).pathname)).replace(/\.(?:gz|zst)$/, '');
  return name === '' || name.includes('/') || name === '..' ? 'content' : name;
}
