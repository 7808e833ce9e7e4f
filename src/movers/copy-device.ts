import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { Progress } from './fill.ts';
import { FillFailed, FillRefused } from './fill-errors.ts';

/** What is copied to where: block devices. */
export interface DeviceCopy {
  readonly source: string;
  readonly target: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What is read at a time. */
const CHUNK_BYTES = 4 << 20;
/** What is compared and written at a time: small, so that little that is the same takes space of a thin volume. */
const BLOCK_BYTES = 64 << 10;
/** After so many bytes somebody may ask how far it is. */
const BREATH_BYTES = 64 << 20;

/** Makes one device like another: what is the same already, as zeros of a new volume, is not written. @throws FillRefused where the target is smaller */
export async function copyDevice({ source, target, progress, signal }: DeviceCopy): Promise<void> {
  const from = openSync(source, constants.O_RDONLY);
  const to = openSync(target, constants.O_RDWR);
  try {
    const [size, room] = [sizeOf(from), sizeOf(to)];
    if (room < size) throw new FillRefused(`the new device has ${room} bytes, and the old one ${size}: ask for a larger size`);
    progress.totalBytes = size;
    const [wanted, has] = [Buffer.alloc(CHUNK_BYTES), Buffer.alloc(CHUNK_BYTES)];
    for (let at = 0; at < size;) {
      const length = Math.min(CHUNK_BYTES, size - at);
      for (const [file, buffer] of [
        [from, wanted],
        [to, has],
      ] as const)
        readAll(file, buffer.subarray(0, length), at);
      writeDifferent(to, { wanted: wanted.subarray(0, length), has: has.subarray(0, length), at });
      at += length;
      progress.doneBytes = at;
      if (at % BREATH_BYTES < length) await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
    fsyncSync(to);
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

function readAll(file: number, into: Buffer, at: number): void {
  for (let done = 0; done < into.length;) {
    const count = readSync(file, into, done, into.length - done, at + done);
    if (count === 0) throw new FillFailed('a device ended while it was read');
    done += count;
  }
}

function writeDifferent(to: number, { wanted, has, at }: { readonly wanted: Buffer; readonly has: Buffer; readonly at: number }): void {
  for (let start = 0; start < wanted.length; start += BLOCK_BYTES) {
    const block = wanted.subarray(start, start + BLOCK_BYTES);
    if (block.equals(has.subarray(start, start + BLOCK_BYTES))) continue;
    for (let done = 0; done < block.length;) done += writeSync(to, block, done, block.length - done, at + start + done);
  }
}

/** The size of a device or a file: it is read until there is nothing more, by halves. */
function sizeOf(file: number): number {
  const probe = Buffer.alloc(1);
  const has = (at: number): boolean => readSync(file, probe, 0, 1, at) === 1;
  if (!has(0)) return 0;
  let [low, high] = [0, 1];
  while (has(high)) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (has(middle)) low = middle;
    else high = middle;
  }
  return high;
}
