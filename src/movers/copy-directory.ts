import { constants } from 'node:fs';
import { lstat, open, opendir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { FillRefused } from './fill-errors.ts';
import type { FileFacts, FillTarget } from './fill-target.ts';

/** What is copied to where. */
export interface CopyOptions {
  /** The top of the volume that is copied from. */
  readonly root: string;
  /** The directory in it; no part of it may be a link. */
  readonly from: string;
  readonly target: FillTarget;
  /** The directory of the target; `/` = its top. */
  readonly into: string;
  /** Told of each file's bytes as they are copied. */
  readonly onBytes: (count: number) => void;
}

/** The file system's own, at the top of ext4. */
const OF_FILE_SYSTEM = 'lost+found';

/** Copies what is in a directory of another volume: files, directories and links, as they are. Pipes and sockets, which nobody can be behind any more, are left out. @throws FillRefused */
export async function copyDirectory(options: CopyOptions): Promise<void> {
  const top = await sourceOf(options.root, options.from);
  const into = options.into.replaceAll(/^\/+|\/+$/g, '');
  if (into !== '') await options.target.directory(into, undefined);
  await copyInto(options, top, into);
}

/** How many bytes the files of the directory have. */
export async function sizeOfDirectory(root: string, from: string): Promise<number> {
  return sizeBelow(await sourceOf(root, from));
}

async function sizeBelow(directory: string): Promise<number> {
  let total = 0;
  for await (const { name } of await opendir(directory)) {
    const place = path.join(directory, name);
    const found = await lstat(place);
    if (found.isDirectory()) total += await sizeBelow(place);
    else if (found.isFile()) total += found.size;
  }
  return total;
}

async function copyInto(options: CopyOptions, directory: string, into: string): Promise<void> {
  for await (const { name } of await opendir(directory)) {
    if (name === OF_FILE_SYSTEM && directory === options.root) continue;
    await copyOne(options, path.join(directory, name), into === '' ? name : `${into}/${name}`);
  }
}

async function copyOne(options: CopyOptions, place: string, name: string): Promise<void> {
  const found = await lstat(place);
  const facts: FileFacts = { mode: found.mode, uid: found.uid, gid: found.gid, modifiedMs: found.mtimeMs };
  if (found.isDirectory()) {
    await options.target.directory(name, facts);
    await copyInto(options, place, name);
  } else if (found.isFile()) {
    await options.target.file(name, facts, contentOf(place, options.onBytes));
  } else if (found.isSymbolicLink()) {
    await options.target.link(name, await readlink(place), facts);
  } else if (found.isBlockDevice() || found.isCharacterDevice()) {
    throw new FillRefused(`${JSON.stringify(path.relative(options.root, place))} is a device, which is not copied into claims`);
  }
}

async function* contentOf(place: string, onBytes: (count: number) => void): AsyncGenerator<Uint8Array> {
  const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    for await (const bytes of handle.createReadStream({ highWaterMark: 1 << 20, autoClose: false })) {
      if (!(bytes instanceof Uint8Array)) continue;
      onBytes(bytes.length);
      yield bytes;
    }
  } finally {
    await handle.close();
  }
}

/** The directory to copy. @throws FillRefused where there is none, or its path leads over a link */
async function sourceOf(root: string, from: string): Promise<string> {
  const parts = from.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new FillRefused(`the path ${JSON.stringify(from)} leads out of the claim ("..")`);
  let place = root;
  for (const part of parts) {
    place = path.join(place, part);
    const found = await lstat(place).catch(() => undefined);
    if (found?.isSymbolicLink() === true)
      throw new FillRefused(`${JSON.stringify(path.relative(root, place))} of the claim is a link: name the directory itself`);
    if (found?.isDirectory() !== true) throw new FillRefused(`the claim has no directory ${JSON.stringify(path.relative(root, place))}`);
  }
  return place;
}
