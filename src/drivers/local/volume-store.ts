import { mkdir, open, readdir, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { replaceDurably, syncDirectory, writeDurably } from './durable-file.ts';
import { PoolFull, VolumeDamaged, VolumeNotFound } from './errors.ts';
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

/** Names of a volume that is being made or deleted; ids never start with a dot. */
const CREATING = '.creating-';
const DELETING = '.deleting-';
/** Part of the name of an image that is being formatted. */
export const FORMATTING = '.formatting-';
const RECORD = 'volume.json';

/**
 * The volumes of a pool on disk, `volumes/<id>/volume.json` with `<id>.img` or `data/`, and how much of the pool they were promised.
 * A volume comes and goes by one rename, so that it is whole or not there whenever the machine stops.
 * The table in memory is a copy that {@link load} makes; this process is the only writer.
 */
export class VolumeStore {
  readonly volumesDir: string;
  readonly capacityBytes: bigint;
  readonly #clock: Clock;
  readonly #volumes = new Map<string, VolumeRecord>();
  #promisedBytes = 0n;

  constructor(options: { readonly volumesDir: string; readonly capacityBytes: bigint; readonly clock: Clock }) {
    this.volumesDir = options.volumesDir;
    this.capacityBytes = options.capacityBytes;
    this.#clock = options.clock;
  }

  /** Reads the pool and removes what a crash left half-made. */
  async load(): Promise<LoadReport> {
    await mkdir(this.volumesDir, { recursive: true, mode: 0o700 });
    this.#volumes.clear();
    this.#promisedBytes = 0n;
    const removed: string[] = [];
    const damaged: DamagedVolume[] = [];
    for (const name of await readdir(this.volumesDir)) {
      const path = join(this.volumesDir, name);
      if (name.startsWith(CREATING) || name.startsWith(DELETING)) {
        await rm(path, { recursive: true, force: true });
        removed.push(path);
        continue;
      }
      const found = await this.#loadVolume(name, removed).catch((thrown: unknown) => PlatformError.from(thrown).message);
      if (typeof found === 'string') damaged.push({ volumeId: name, problem: found });
      else this.#remember(found);
    }
    return { volumes: this.#volumes.size, removed, damaged };
  }

  get(volumeId: string): VolumeRecord | undefined {
    return this.#volumes.get(volumeId);
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

  /** What may still be promised: the pool is thin, so promises count, not blocks. */
  get freeBytes(): bigint {
    const free = this.capacityBytes - this.#promisedBytes;
    return free > 0n ? free : 0n;
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

  /** Makes a volume that is not there. @throws PoolFull, VolumeDamaged where an unreadable volume has its place */
  async create(wanted: Omit<VolumeRecord, 'createdAtMs'>): Promise<VolumeRecord> {
    const record: VolumeRecord = { ...wanted, createdAtMs: this.#clock.nowMs() };
    this.#promise(record.sizeBytes);
    try {
      await this.#make(record);
    } catch (thrown) {
      this.#promisedBytes -= record.sizeBytes;
      throw thrown;
    }
    this.#volumes.set(record.id, record);
    return record;
  }

  /** Removes a volume and its data. Running it again after a failure goes on. */
  async delete(record: VolumeRecord): Promise<void> {
    const leaving = join(this.volumesDir, `${DELETING}${record.id}`);
    await rename(this.directoryOf(record.id), leaving).catch(ignoreMissing);
    await syncDirectory(this.volumesDir);
    await rm(leaving, { recursive: true, force: true });
    if (this.#volumes.delete(record.id)) this.#promisedBytes -= record.sizeBytes;
  }

  /** Promises and makes a larger size; running it again after a failure goes on. @throws PoolFull */
  async grow(record: VolumeRecord, sizeBytes: bigint): Promise<VolumeRecord> {
    const added = sizeBytes - record.sizeBytes;
    const grown: VolumeRecord = { ...record, sizeBytes };
    if (added > 0n) {
      this.#promise(added);
      try {
        await replaceDurably(join(this.directoryOf(record.id), RECORD), formatRecord(grown));
      } catch (thrown) {
        this.#promisedBytes -= added;
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

  async #make(record: VolumeRecord): Promise<void> {
    const coming = join(this.volumesDir, `${CREATING}${record.id}`);
    await rm(coming, { recursive: true, force: true });
    await mkdir(coming, { mode: 0o700 });
    if (record.type === 'directory') await mkdir(join(coming, 'data'), { mode: 0o755 });
    else await makeSparse(join(coming, `${record.id}.img`), record.sizeBytes);
    await writeDurably(join(coming, RECORD), formatRecord(record));
    try {
      await rename(coming, this.directoryOf(record.id));
    } catch (thrown) {
      await rm(coming, { recursive: true, force: true });
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
    this.#promisedBytes += record.sizeBytes;
  }

  #promise(sizeBytes: bigint): void {
    // why: check and promise in one step without a wait between, so that two creations cannot both take the last space
    if (sizeBytes > this.freeBytes) throw new PoolFull(sizeBytes, this.freeBytes, this.capacityBytes);
    this.#promisedBytes += sizeBytes;
  }
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

function ignoreMissing(thrown: unknown): void {
  if (!isErrno(thrown, 'ENOENT')) throw thrown;
}
