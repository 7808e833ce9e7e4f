import type { Clock } from '#kit/clock.ts';
import type { ContentSource, ContentSources } from './content-source.ts';
import type { CopyJob } from './copy-plan.ts';
import { SnapshotIncompatible, VolumeInUse } from './errors.ts';
import { memberIdOf, setIdOf, type SnapshotRecord, type SnapshotSet } from './snapshot-record.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type { VolumeCopier } from './volume-copier.ts';

/** What making snapshots needs of the driver. */
export interface SnapshotsOptions {
  readonly snapshots: SnapshotStore;
  readonly sources: ContentSources;
  readonly copier: VolumeCopier;
  readonly clock: Clock;
}

/** A snapshot, or a group of them, that is asked for. */
export interface WantedSnapshots {
  readonly name: string;
  readonly kind: SnapshotSet['kind'];
  readonly sourceVolumeIds: readonly string[];
}

/** Makes snapshots: one of a volume, or of several as of one moment. */
export class Snapshots {
  readonly #options: SnapshotsOptions;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /**
   * Idempotent by name: the same name answers with what is there where it has the same sources.
   * @throws SnapshotIncompatible, VolumeNotFound, VolumeInUse, PoolFull, CommandFailed
   */
  async ensure({ name, kind, sourceVolumeIds }: WantedSnapshots): Promise<SnapshotSet> {
    const { snapshots, sources, clock } = this.#options;
    const id = setIdOf(name, kind);
    const found = snapshots.getSet(id);
    if (found !== undefined) {
      const foundIds = found.members.map((member) => member.sourceVolumeId);
      if (found.name !== name) throw new SnapshotIncompatible(name, `under the name ${JSON.stringify(found.name)}`);
      if (new Set(foundIds).symmetricDifference(new Set(sourceVolumeIds)).size > 0)
        throw new SnapshotIncompatible(name, `of ${foundIds.join(', ')}`);
      return found;
    }
    const members: { readonly source: ContentSource; readonly record: SnapshotRecord }[] = [];
    for (const sourceVolumeId of new Set(sourceVolumeIds)) {
      const source = await sources.find({ kind: 'volume', id: sourceVolumeId });
      members.push({ source, record: await this.#draft(source, kind === 'single' ? id : memberIdOf(id, sourceVolumeId)) });
    }
    const draft: SnapshotSet = { id, name, kind, createdAtMs: clock.nowMs(), members: members.map(({ record }) => record) };
    return snapshots.create(draft, async (pathOf) => {
      const jobs: CopyJob[] = [];
      for (const { source, record } of members) jobs.push(await sources.planCopyTo(source, pathOf(record)));
      refuseRawTogether(jobs, members);
      return this.#cut(draft, jobs);
    });
  }

  async #draft(source: ContentSource, id: string): Promise<SnapshotRecord> {
    const { type, sizeBytes, fsType, path } = source;
    const storedBytes = await this.#options.copier.storedBytes(path, type);
    return { id, sourceVolumeId: source.reference.id, type, sizeBytes, storedBytes, ...(fsType === undefined ? {} : { fsType }) };
  }

  /** Copies, and counts what the copies hold: the source may have grown since the guess. */
  async #cut(draft: SnapshotSet, jobs: readonly CopyJob[]): Promise<SnapshotSet> {
    const { copier } = this.#options;
    await copier.copy(jobs);
    const members: SnapshotRecord[] = [];
    for (const [index, record] of draft.members.entries()) {
      const job = jobs[index];
      members.push(job === undefined ? record : { ...record, storedBytes: await copier.storedBytes(job.to, job.type) });
    }
    return { ...draft, members };
  }
}

/**
 * Raw devices can't be held still. One beside file systems is fine: it is copied while those are, so nothing in it has seen what they don't have, and it has all
 * that they have seen; of two, the later copy may have what the earlier one misses. @throws VolumeInUse
 */
function refuseRawTogether(jobs: readonly CopyJob[], members: readonly { readonly record: SnapshotRecord }[]): void {
  const raw = jobs.flatMap(({ plan }, index) => (plan.flush === undefined ? [] : [members[index]?.record.sourceVolumeId ?? '']));
  const [first, second] = raw;
  if (first === undefined || second === undefined) return;
  throw new VolumeInUse(
    second,
    `it and ${first} are raw devices, which can't be held still together: stop the pods that use them, or take a group of one of them`,
  );
}
