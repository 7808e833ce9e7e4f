import { requireText } from '#protocols/csi/request-fields.ts';
import type * as csi from '#protocols/csi/generated/messages.ts';
import { nameOf, refuseForeignParameters } from './create-request.ts';
import { SnapshotInGroup } from './errors.ts';
import { pageOf } from './list-token.ts';
import type { SnapshotSet } from './snapshot-record.ts';
import type { SnapshotStore, StoredSnapshot } from './snapshot-store.ts';
import type { Snapshots } from './snapshots.ts';

/** What the snapshot calls of the controller service are made of. */
export interface SnapshotRpcsOptions {
  readonly store: SnapshotStore;
  readonly making: Snapshots;
}

/** The snapshot calls of the controller service of `local.stowage.dev` (CSI 1.13 "CreateSnapshot" to "GetSnapshot"). */
export class SnapshotRpcs {
  readonly #options: SnapshotRpcsOptions;

  constructor(options: SnapshotRpcsOptions) {
    this.#options = options;
  }

  /** "CreateSnapshot": idempotent by `name`; ready when it is answered. @throws RequestRefused, SnapshotIncompatible, VolumeNotFound, VolumeInUse, PoolFull */
  async createSnapshot(request: csi.CreateSnapshotRequest): Promise<csi.CreateSnapshotResponse> {
    const name = nameOf(request.name);
    const sourceVolumeId = requireText('source_volume_id', request.sourceVolumeId);
    refuseForeignParameters(request.parameters ?? {}, 'a snapshot class of this driver has none');
    const set = await this.#options.making.ensure({ name, kind: 'single', sourceVolumeIds: [sourceVolumeId] });
    return { snapshot: describeSnapshots(set)[0] };
  }

  /** "DeleteSnapshot": a snapshot that is not there is deleted, a damaged one is removed. @throws SnapshotInGroup */
  async deleteSnapshot(request: csi.DeleteSnapshotRequest): Promise<csi.DeleteSnapshotResponse> {
    const id = requireText('snapshot_id', request.snapshotId);
    const found = this.#options.store.get(id);
    if (found?.set.kind === 'group') throw new SnapshotInGroup(id, found.set.id);
    await this.#options.store.delete(id);
    return {};
  }

  /** "ListSnapshots": in order of id; what is not there gives an empty list. @throws InvalidListToken (ABORTED), RequestRefused */
  async listSnapshots(request: csi.ListSnapshotsRequest): Promise<csi.ListSnapshotsResponse> {
    const { snapshotId = '', sourceVolumeId = '' } = request;
    const named =
      snapshotId === '' ? this.#options.store.list() : [this.#options.store.get(snapshotId)].filter((found) => found !== undefined);
    const wanted = named.filter(({ record }) => sourceVolumeId === '' || record.sourceVolumeId === sourceVolumeId);
    const { page, nextToken } = pageOf(wanted, { request, idOf: ({ record }) => record.id });
    return { entries: page.map((found) => ({ snapshot: describeSnapshot(found) })), ...(nextToken === undefined ? {} : { nextToken }) };
  }

  /** "GetSnapshot": reads only. @throws SnapshotNotFound */
  async getSnapshot(request: csi.GetSnapshotRequest): Promise<csi.GetSnapshotResponse> {
    return { snapshot: describeSnapshot(this.#options.store.require(requireText('snapshot_id', request.snapshotId))) };
  }
}

/** The snapshots of a set in the words of CSI. */
export function describeSnapshots(set: SnapshotSet): readonly csi.Snapshot[] {
  return set.members.map((record) => describeSnapshot({ record, set }));
}

/** A moment in the words of protobuf. */
export function timestampOf(timeMs: number): csi.Timestamp {
  return { seconds: BigInt(Math.floor(timeMs / 1000)), nanos: (timeMs % 1000) * 1_000_000 };
}

function describeSnapshot({ record, set }: StoredSnapshot): csi.Snapshot {
  return {
    snapshotId: record.id,
    sourceVolumeId: record.sourceVolumeId,
    sizeBytes: record.sizeBytes,
    creationTime: timestampOf(set.createdAtMs),
    readyToUse: true,
    ...(set.kind === 'group' ? { groupSnapshotId: set.id } : {}),
  };
}
