import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import type { CapacityLedger } from './capacity-ledger.ts';
import { syncDirectory, writeDurably } from '#linux/durable-file.ts';
import { SnapshotNotFound, VolumeDamaged } from './errors.ts';
import { formatSnapshotSet, parseSnapshotSet, type SnapshotRecord, type SnapshotSet } from './snapshot-record.ts';
import { CREATING, DELETING, type DamagedVolume, ignoreMissing, isErrno, isPassing, type LoadReport, removeTree } from './volume-store.ts';

/** A snapshot with the set it belongs to. */
export interface StoredSnapshot {
  readonly record: SnapshotRecord;
  readonly set: SnapshotSet;
}

const RECORD = 'snapshots.json';

/**
 * The snapshots of a pool on disk, `snapshots/<set id>/snapshots.json` with `<id>.img` or the directory `<id>` for each member.
 * A set comes and goes by one rename: all of a group is there, or none of it. Nothing in it is ever written again or mounted.
 */
export class SnapshotStore {
  readonly snapshotsDir: string;
  readonly #ledger: CapacityLedger;
  readonly #sets = new Map<string, SnapshotSet>();
  readonly #snapshots = new Map<string, StoredSnapshot>();
  /** Ids of sets that are there and cannot be used. */
  readonly #damaged = new Set<string>();

  constructor(options: { readonly snapshotsDir: string; readonly ledger: CapacityLedger }) {
    this.snapshotsDir = options.snapshotsDir;
    this.#ledger = options.ledger;
  }

  /** Reads the pool and removes what a crash left half-made. */
  async load(): Promise<LoadReport> {
    await mkdir(this.snapshotsDir, { recursive: true, mode: 0o700 });
    for (const set of this.#sets.values()) this.#ledger.release(storedBytesOf(set));
    this.#sets.clear();
    this.#snapshots.clear();
    this.#damaged.clear();
    const removed: string[] = [];
    const damaged: DamagedVolume[] = [];
    for (const name of await readdir(this.snapshotsDir)) {
      const path = join(this.snapshotsDir, name);
      if (isPassing(name)) {
        await removeTree(path);
        removed.push(path);
        continue;
      }
      const found = await loadSet(path, name).catch((thrown: unknown) => PlatformError.from(thrown).message);
      if (typeof found === 'string') {
        this.#damaged.add(name);
        damaged.push({ volumeId: name, problem: found });
      } else {
        this.#ledger.count(storedBytesOf(found));
        this.#remember(found);
      }
    }
    return { volumes: this.#snapshots.size, removed, damaged };
  }

  get(snapshotId: string): StoredSnapshot | undefined {
    return this.#snapshots.get(snapshotId);
  }

  /** @throws SnapshotNotFound */
  require(snapshotId: string): StoredSnapshot {
    const found = this.#snapshots.get(snapshotId);
    if (found === undefined) throw new SnapshotNotFound(snapshotId);
    return found;
  }

  getSet(setId: string): SnapshotSet | undefined {
    return this.#sets.get(setId);
  }

  list(): readonly StoredSnapshot[] {
    return [...this.#snapshots.values()];
  }

  /** The image or the directory with a snapshot's content. */
  contentOf({ record, set }: StoredSnapshot): string {
    return join(this.snapshotsDir, set.id, contentName(record));
  }

  /** Makes a set that is not there; `storedBytes` is a guess. `fill` puts each member's content at the path given for it and answers the set as it became. @throws PoolFull, VolumeDamaged */
  async create(set: SnapshotSet, fill: (pathOf: (member: SnapshotRecord) => string) => Promise<SnapshotSet>): Promise<SnapshotSet> {
    const coming = join(this.snapshotsDir, `${CREATING}${set.id}`);
    await removeTree(coming);
    await mkdir(coming, { mode: 0o700 });
    let promisedBytes = 0n;
    try {
      this.#ledger.promise(storedBytesOf(set));
      promisedBytes = storedBytesOf(set);
      const made = await fill((member) => join(coming, contentName(member)));
      this.#ledger.release(promisedBytes);
      promisedBytes = 0n;
      this.#ledger.promise(storedBytesOf(made));
      promisedBytes = storedBytesOf(made);
      await writeDurably(join(coming, RECORD), formatSnapshotSet(made));
      await syncDirectory(coming);
      await this.#publish(coming, set.id);
      this.#remember(made);
      return made;
    } catch (thrown) {
      this.#ledger.release(promisedBytes);
      await removeTree(coming);
      throw thrown;
    }
  }

  /** Removes a set with all its content, also a damaged one; one that is not there is no failure. Running it again after a failure goes on. */
  async delete(setId: string): Promise<void> {
    const set = this.#sets.get(setId);
    if (set === undefined && !this.#damaged.has(setId)) return;
    const leaving = join(this.snapshotsDir, `${DELETING}${setId}`);
    await rename(join(this.snapshotsDir, setId), leaving).catch(ignoreMissing);
    await syncDirectory(this.snapshotsDir);
    await removeTree(leaving);
    this.#damaged.delete(setId);
    if (set === undefined || !this.#sets.delete(setId)) return;
    for (const member of set.members) this.#snapshots.delete(member.id);
    this.#ledger.release(storedBytesOf(set));
  }

  async #publish(coming: string, setId: string): Promise<void> {
    try {
      await rename(coming, join(this.snapshotsDir, setId));
    } catch (thrown) {
      const isTaken = isErrno(thrown, 'ENOTEMPTY') || isErrno(thrown, 'EEXIST');
      throw isTaken ? new VolumeDamaged(setId, `${join(this.snapshotsDir, setId)} has no readable ${RECORD}`) : thrown;
    }
    await syncDirectory(this.snapshotsDir);
  }

  #remember(set: SnapshotSet): void {
    this.#sets.set(set.id, set);
    for (const record of set.members) this.#snapshots.set(record.id, { record, set });
  }
}

function contentName({ id, type }: Pick<SnapshotRecord, 'id' | 'type'>): string {
  return type === 'file' ? `${id}.img` : `${id}.data`;
}

function storedBytesOf(set: SnapshotSet): bigint {
  return set.members.reduce((sum, member) => sum + member.storedBytes, 0n);
}

async function loadSet(dir: string, name: string): Promise<SnapshotSet | string> {
  const parsed = parseSnapshotSet(await readFile(join(dir, RECORD), 'utf8'));
  if (!parsed.ok) return parsed.error;
  const { value } = parsed;
  if (value.id !== name) return `${RECORD} is that of ${value.id}`;
  const files = new Set(await readdir(dir));
  const missing = value.members.find((member) => !files.has(contentName(member)));
  return missing === undefined ? value : `the content of snapshot ${missing.id} is gone`;
}
