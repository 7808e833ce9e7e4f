import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listNames, readRecordIfAny, writeTextAtomic } from '#linux/small-files.ts';

/** Which image a name meant when it was fetched. */
export interface Remembered {
  /** The full name. */
  readonly reference: string;
  /** Of the manifest that was unpacked. */
  readonly digest: string;
  /** What the registry called it: for several platforms, the digest of their list. Empty for one that was loaded from a file. */
  readonly remoteDigest: string;
  /** Who got it from the registry: fingerprints of credentials, {@link ANYBODY} for everybody; none for one that was loaded from a file. */
  readonly shownTo: readonly string[];
}

/** Stands in `shownTo` for a fetch without credentials of a pod. */
export const ANYBODY = '';

/** The names of the images that are here, a file each. */
export class ImageNames {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** What a full name stands for; undefined where it was never fetched. */
  read(full: string): Promise<Remembered | undefined> {
    return readName(this.#fileOf(full));
  }

  async all(): Promise<readonly Remembered[]> {
    const files = await listNames(this.#dir);
    const found = await Promise.all(files.map((file) => readName(join(this.#dir, file))));
    return found.filter((remembered) => remembered !== undefined);
  }

  write(remembered: Remembered): Promise<void> {
    return writeTextAtomic(this.#fileOf(remembered.reference), JSON.stringify(remembered));
  }

  async remove(full: string): Promise<void> {
    await rm(this.#fileOf(full), { force: true });
  }

  #fileOf(full: string): string {
    return join(this.#dir, `${createHash('sha256').update(full).digest('hex').slice(0, 32)}.json`);
  }
}

async function readName(file: string): Promise<Remembered | undefined> {
  const { reference, digest, remoteDigest, shownTo } = (await readRecordIfAny(file)) ?? {};
  if (typeof reference !== 'string' || typeof digest !== 'string') return undefined;
  // why everybody: files of versions before `shownTo` are of images that were fetched without credentials
  const fingerprints = Array.isArray(shownTo) ? shownTo.filter((item) => typeof item === 'string') : [ANYBODY];
  return { reference, digest, remoteDigest: typeof remoteDigest === 'string' ? remoteDigest : '', shownTo: fingerprints };
}
