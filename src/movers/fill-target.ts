import { closeSync, constants, fchmodSync, fchownSync, futimesSync, lstatSync, openSync, type Stats, writeSync } from 'node:fs';
import { chmod, chown, link, lutimes, mkdir, readdir, rm, symlink, unlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '#kit/quantity.ts';
import { FillRefused } from './fill-errors.ts';

/** Who and when a file is of. */
export interface FileFacts {
  /** Permissions; what lets programs run as somebody else is left out. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Milliseconds. */
  readonly modifiedMs: number;
}

/** Each entry takes at least this of a volume, so that a million empty files are not nothing. */
const ENTRY_BYTES = 4_096n;
const MODE_MASK = 0o777;
const MAX_NAME_BYTES = 255;
/** The file system's own, at the top of ext4. */
const OF_FILE_SYSTEM = 'lost+found';
/** Directories that are remembered as ours, so that not each is looked at again for each file in it. */
const MAX_KNOWN = 100_000;

/** A directory of the volume to fill, and how much may go in. Nothing is ever written outside of it: names are taken apart, and no link is followed. */
export class FillTarget {
  readonly #root: string;
  readonly #maxBytes: bigint;
  readonly #known = new Set<string>();
  /** Times of directories, which what is written into them would change. */
  readonly #times = new Map<string, number>();
  #usedBytes = 0n;

  constructor(root: string, maxBytes: bigint) {
    this.#root = root;
    this.#maxBytes = maxBytes;
  }

  /** Removes what an earlier try left. */
  async empty(): Promise<void> {
    for (const name of await readdir(this.#root))
      if (name !== OF_FILE_SYSTEM) await rm(path.join(this.#root, name), { recursive: true, force: true });
  }

  async directory(name: string, facts: FileFacts | undefined): Promise<void> {
    const place = await this.#directoryAt(partsOf(name), name);
    if (facts === undefined) return;
    await chown(place, facts.uid, facts.gid);
    await chmod(place, facts.mode & MODE_MASK);
    if (this.#times.size < MAX_KNOWN) this.#times.set(place, facts.modifiedMs);
  }

  /** A file of the bytes of `content`. @throws FillRefused where it does not fit */
  async file(name: string, facts: FileFacts, content: AsyncIterable<Uint8Array>): Promise<void> {
    const place = await this.#placeFor(name);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    // why at once, each of these: a million small files would wait for threads most of the time, and this program has nothing else to do
    const file = openSync(place, flags, 0o600);
    try {
      let written = 0n;
      for await (const bytes of content) {
        written += BigInt(bytes.length);
        // why before it is written: a bomb ends here, and not at the end of the disk
        this.#require(name, written);
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      }
      this.#usedBytes += roundUp(written);
      fchownSync(file, facts.uid, facts.gid);
      fchmodSync(file, facts.mode & MODE_MASK);
      futimesSync(file, facts.modifiedMs / 1_000, facts.modifiedMs / 1_000);
    } finally {
      closeSync(file);
    }
  }

  /** A symbolic link. @throws FillRefused where it leads out of the volume */
  async link(name: string, to: string, facts: FileFacts): Promise<void> {
    const parts = partsOf(name);
    const problem = whyLeadsOut(to, parts.length - 1);
    if (problem !== undefined) throw new FillRefused(`the link ${quote(name)} to ${quote(to)} ${problem}`);
    const place = await this.#placeFor(name);
    await symlink(to, place);
    await lutimes(place, facts.modifiedMs / 1_000, facts.modifiedMs / 1_000);
    this.#count(name);
  }

  /** Another name of a file that is there already. @throws FillRefused where there is none */
  async sameFile(name: string, of: string): Promise<void> {
    const parts = partsOf(of);
    const from = path.join(await this.#directoryAt(parts.slice(0, -1), of), parts.at(-1) ?? '');
    const found = statusOf(from);
    if (found?.isFile() !== true) throw new FillRefused(`${quote(name)} is another name of ${quote(of)}, which is no file before it`);
    await link(from, await this.#placeFor(name));
    this.#count(name);
  }

  /** Gives directories their times back. */
  async finish(): Promise<void> {
    for (const [place, modifiedMs] of this.#times) await utimes(place, modifiedMs / 1_000, modifiedMs / 1_000);
  }

  async #placeFor(name: string): Promise<string> {
    const parts = partsOf(name);
    const last = parts.at(-1);
    if (last === undefined) throw new FillRefused(`${quote(name)} names the volume itself, and is no directory`);
    const place = path.join(await this.#directoryAt(parts.slice(0, -1), name), last);
    const found = statusOf(place);
    if (found?.isDirectory() === true) throw new FillRefused(`${quote(name)} is a directory and something else`);
    // why: of several entries of one name the last counts, and writing must not reach through a link
    if (found !== undefined) await unlink(place);
    this.#require(name, 0n);
    return place;
  }

  /** The directory of these parts, made where it is missing. @throws FillRefused where a part of it is something else */
  async #directoryAt(parts: readonly string[], name: string): Promise<string> {
    const whole = path.join(this.#root, ...parts);
    if (parts.length === 0 || this.#known.has(whole)) return whole;
    let place = this.#root;
    for (const part of parts) {
      place = path.join(place, part);
      if (this.#known.has(place)) continue;
      const found = statusOf(place);
      if (found === undefined) {
        this.#count(name);
        await mkdir(place, { mode: 0o755 });
      } else if (!found.isDirectory()) {
        throw new FillRefused(`${quote(name)} lies below ${quote(path.relative(this.#root, place))}, which is no directory`);
      }
      if (this.#known.size < MAX_KNOWN) this.#known.add(place);
    }
    return whole;
  }

  #count(name: string): void {
    this.#require(name, 0n);
    this.#usedBytes += ENTRY_BYTES;
  }

  #require(name: string, moreBytes: bigint): void {
    if (this.#usedBytes + roundUp(moreBytes) <= this.#maxBytes) return;
    throw new FillRefused(
      `at ${quote(name)} there is more than the ${formatBytes(this.#maxBytes)} of the claim (each file counts at least 4Ki): ask for a larger volume`,
    );
  }
}

/** What is at a place; undefined where nothing is. */
function statusOf(place: string): Stats | undefined {
  return lstatSync(place, { throwIfNoEntry: false });
}

function roundUp(bytes: bigint): bigint {
  const whole = ((bytes + ENTRY_BYTES - 1n) / ENTRY_BYTES) * ENTRY_BYTES;
  return whole === 0n ? ENTRY_BYTES : whole;
}

/** The parts of a name, from the top of what is filled. @throws FillRefused where it leads out */
function partsOf(name: string): readonly string[] {
  if (name.includes('\0')) throw new FillRefused(`${quote(name)} is no name of a file`);
  if (name.startsWith('/')) throw new FillRefused(`the path ${quote(name)} is absolute: only paths inside the archive can be taken`);
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new FillRefused(`the path ${quote(name)} leads out of the archive ("..")`);
  if (parts.some((part) => Buffer.byteLength(part) > MAX_NAME_BYTES))
    throw new FillRefused(`${quote(name)} has a part longer than 255 bytes`);
  return parts;
}

/** Why the link can't be in a volume, `depth` directories below its top. Links to links stay inside as well: each goes up first, over directories that are none. */
function whyLeadsOut(to: string, depth: number): string | undefined {
  if (to === '' || to.includes('\0')) return 'leads nowhere';
  if (to.startsWith('/')) return 'is absolute, and would lead out of the volume: use relative links';
  const parts = to.split('/').filter((part) => part !== '' && part !== '.');
  const ups = parts.findIndex((part) => part !== '..');
  const count = ups === -1 ? parts.length : ups;
  if (count > depth || parts.slice(count).includes('..')) return 'leads out of the volume';
  return undefined;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
