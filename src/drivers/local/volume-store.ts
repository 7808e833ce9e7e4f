import { mkdir, open, readdir, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { CapacityLedger } from './capacity-ledger.ts';
import { replaceDurably, syncDirectory, writeDurably } from '#linux/durable-file.ts';
import { VolumeDamaged, VolumeNotFound } from './errors.ts';
import { formatRecord, parseRecord, type VolumeRecord } from './volume-record.ts';

/** A directory in the pool that is no usable volume; it is left as it is. */
export interface DamagedVolume {
  readonly volumeId: string;
  readonly problem: string;
}

/** What {@link VolumeStore.load} found and did. */
export interface LoadReport {
  readonly volumes: number;
  /** Half-made and half-deleted things that were removed. */
  readonly removed: readonly string[];
  readonly damaged: readonly DamagedVolume[];
}

/** Start of the name of a volume, or of a set of snapshots, that is being made; ids never start with a dot. */
export const CREATING = '.creating-';
/** Start of the name of one that is being deleted. */
export const DELETING = '.deleting-';
/** Part of the name of an image that is being formatted. */
export const FORMATTING = '.formatting-';
const RECORD = 'volume.json';

/**
 * The volumes of a pool on disk, `volumes/<id>/volume.json` with `<id>.img` or `data/`, and how much of the pool they were promised.
 * A volume comes and goes by one rename, so that it is whole or not there whenever the machine stops.
 * The table in memory is a copy that {@link load} makes; this process is the only writer.
 */
export class VolumeStore {
  /** On the disk that all blocks come from in the end. */
  readonly diskDir: string;
  readonly volumesDir: string;
  readonly #ledger: CapacityLedger;
  readonly #clock: Clock;
  readonly #volumes = new Map<string, VolumeRecord>();
  /** Directories with no usable record, by the id of the volume that they were. */
  readonly #damaged = new Set<string>();

  constructor(options: { readonly diskDir: string; readonly volumesDir: string; readonly ledger: CapacityLedger; readonly clock: Clock }) {
    this.diskDir = options.diskDir;
    this.volumesDir = options.volumesDir;
    this.#ledger = options.ledger;
    this.#clock = options.clock;
  }

  /** Reads the pool and removes what a crash left half-made. */
  async load(): Promise<LoadReport> {
    await mkdir(this.volumesDir, { recursive: true, mode: 0o700 });
    for (const { sizeBytes } of this.#volumes.values()) this.#ledger.release(sizeBytes);
    this.#volumes.clear();
    this.#damaged.clear();
    const removed: string[] = [];
    const damaged: DamagedVolume[] = [];
    for (const name of await readdir(this.volumesDir)) {
      const path = join(this.volumesDir, name);
      if (isPassing(name)) {
        await removeTree(path);
        removed.push(path);
        continue;
      }
      const found = await this.#loadVolume(name, removed).catch((thrown: unknown) => PlatformError.from(thrown).message);
      if (typeof found !== 'string') this.#remember(found);
      else {
        this.#damaged.add(name);
        damaged.push({ volumeId: name, problem: found });
      }
    }
    return { volumes: this.#volumes.size, removed, damaged };
  }

  get(volumeId: string): VolumeRecord | undefined {
    return this.#volumes.get(volumeId);
  }

  /** True also for a volume that is damaged: it can be unstaged and deleted, and nothing else. */
  isKnown(volumeId: string): boolean {
    return this.#volumes.has(volumeId) || this.#damaged.has(volumeId);
  }

  /** @throws VolumeNotFound */
  require(volumeId: string): VolumeRecord {
    const record = this.#volumes.get(volumeId);
    if (record === undefined) throw new VolumeNotFound(volumeId);
    return record;
  }

  list(): readonly VolumeRecord[] {
    return [...this.#volumes.values()];
  }

  directoryOf(volumeId: string): string {
    return join(this.volumesDir, volumeId);
  }

  imageOf(volumeId: string): string {
    return join(this.volumesDir, volumeId, `${volumeId}.img`);
  }

  dataOf(volumeId: string): string {
    return join(this.volumesDir, volumeId, 'data');
  }

  /**
   * Makes a volume that is not there: empty, or with what `fill` puts at the path given to it.
   * @throws PoolFull, VolumeDamaged where an unreadable volume has its place
   */
  async create(wanted: Omit<VolumeRecord, 'createdAtMs'>, fill?: (path: string) => Promise<void>): Promise<VolumeRecord> {
    const record: VolumeRecord = { ...wanted, createdAtMs: this.#clock.nowMs() };
    this.#ledger.promise(record.sizeBytes);
    try {
      await this.#make(record, fill);
    } catch (thrown) {
      this.#ledger.release(record.sizeBytes);
      throw thrown;
    }
    this.#volumes.set(record.id, record);
    return record;
  }

  /** Removes a volume that is known, and its data. Running it again after a failure goes on. */
  async delete(volumeId: string): Promise<void> {
    const leaving = join(this.volumesDir, `${DELETING}${volumeId}`);
    await rename(this.directoryOf(volumeId), leaving).catch(ignoreMissing);
    await syncDirectory(this.volumesDir);
    await removeTree(leaving);
    const record = this.#volumes.get(volumeId);
    if (record !== undefined) this.#ledger.release(record.sizeBytes);
    this.#volumes.delete(volumeId);
    this.#damaged.delete(volumeId);
  }

  /** Promises and makes a larger size; running it again after a failure goes on. @throws PoolFull */
  async grow(record: VolumeRecord, sizeBytes: bigint): Promise<VolumeRecord> {
    const added = sizeBytes - record.sizeBytes;
    const grown: VolumeRecord = { ...record, sizeBytes };
    if (added > 0n) {
      this.#ledger.promise(added);
      try {
        await replaceDurably(join(this.directoryOf(record.id), RECORD), formatRecord(grown));
      } catch (thrown) {
        this.#ledger.release(added);
        throw thrown;
      }
      this.#volumes.set(record.id, grown);
    }
    await this.ensureImageSize(grown);
    return grown;
  }

  /** Makes the image as large as its record says; true where it was smaller. @throws VolumeDamaged where it is gone */
  async ensureImageSize(record: VolumeRecord): Promise<boolean> {
    if (record.type === 'directory') return false;
    const image = this.imageOf(record.id);
    const found = await stat(image, { bigint: true }).catch(() => undefined);
    if (found === undefined) throw new VolumeDamaged(record.id, `its image ${image} is gone`);
    if (found.size >= record.sizeBytes) return false;
    await truncate(image, Number(record.sizeBytes));
    return true;
  }

  async #make(record: VolumeRecord, fill?: (path: string) => Promise<void>): Promise<void> {
    const coming = join(this.volumesDir, `${CREATING}${record.id}`);
    await removeTree(coming);
    await mkdir(coming, { mode: 0o700 });
    try {
      await makeContent(join(coming, record.type === 'directory' ? 'data' : `${record.id}.img`), record, fill);
      await writeDurably(join(coming, RECORD), formatRecord(record));
      await rename(coming, this.directoryOf(record.id));
    } catch (thrown) {
      await removeTree(coming);
      const isTaken = isErrno(thrown, 'ENOTEMPTY') || isErrno(thrown, 'EEXIST');
      throw isTaken ? new VolumeDamaged(record.id, `${this.directoryOf(record.id)} has no readable ${RECORD}`) : thrown;
    }
    await syncDirectory(this.volumesDir);
  }

  async #loadVolume(name: string, removed: string[]): Promise<VolumeRecord | string> {
    const dir = this.directoryOf(name);
    const files = await readdir(dir);
    for (const file of files) {
      if (!file.endsWith('.tmp') && !file.includes(FORMATTING)) continue;
      await rm(join(dir, file), { force: true });
      removed.push(join(dir, file));
    }
    const parsed = parseRecord(await readFile(join(dir, RECORD), 'utf8'));
    if (!parsed.ok) return parsed.error;
    return parsed.value.id === name ? parsed.value : `${RECORD} is that of ${parsed.value.id}`;
  }

  #remember(record: VolumeRecord): void {
    this.#volumes.set(record.id, record);
    this.#ledger.count(record.sizeBytes);
  }
}

/** Makes the image or the directory of a volume; an image that was filled from a smaller source gets the volume's size. */
async function makeContent(path: string, { type, sizeBytes }: VolumeRecord, fill?: (path: string) => Promise<void>): Promise<void> {
  if (type === 'directory') await mkdir(path, { mode: 0o755 });
  else if (fill === undefined) await makeSparse(path, sizeBytes);
  await fill?.(path);
  if (type === 'file' && fill !== undefined) await extendDurably(path, sizeBytes);
}

async function extendDurably(path: string, sizeBytes: bigint): Promise<void> {
  const file = await open(path, 'r+');
  try {
    // why: never shorter, a filesystem would lose its end
    if ((await file.stat({ bigint: true })).size < sizeBytes) await file.truncate(Number(sizeBytes));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** True for the name of something half-made or half-deleted. */
export function isPassing(name: string): boolean {
  return name.startsWith(CREATING) || name.startsWith(DELETING);
}

/** Times that a removal starts over where a program that outlived its killed driver still puts files into the directory. */
const REMOVE_RETRIES = 5;

/** Removes a directory with everything in it; nothing there is no failure. */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: REMOVE_RETRIES });
}

/** Makes a file that has a size and no blocks. */
export async function makeSparse(path: string, sizeBytes: bigint): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.truncate(Number(sizeBytes));
  } finally {
    await file.close();
  }
}

/** True for a failed system call with this `errno` name. */
export function isErrno(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code;
}

/** For `catch`: that a file is not there is no failure. */
export function ignoreMissing(thrown: unknown): void {
  if (!isErrno(thrown, 'ENOENT')) throw thrown;
}
