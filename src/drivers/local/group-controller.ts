import { RequestRefused, requireText } from '#protocols/csi/request-fields.ts';
import type * as csi from '#protocols/csi/generated/messages.ts';
import { nameOf, refuseForeignParameters } from './create-request.ts';
import { GroupSnapshotNotFound } from './errors.ts';
import type { Readiness } from './readiness.ts';
import { describeSnapshots, timestampOf } from './snapshot-rpcs.ts';
import type { SnapshotSet } from './snapshot-record.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type { Snapshots } from './snapshots.ts';

/** What the group controller service is made of. */
export interface LocalGroupControllerOptions {
  readonly store: SnapshotStore;
  readonly making: Snapshots;
  readonly readiness: Readiness;
}

/**
 * The group controller service of `local.stowage.dev` (CSI 1.13 "GroupController Service RPC"): snapshots of several volumes as of one moment.
 * All filesystems are frozen before the first is copied; the group is there as a whole or not at all.
 */
export class LocalGroupController implements csi.GroupControllerService {
  readonly #options: LocalGroupControllerOptions;

  constructor(options: LocalGroupControllerOptions) {
    this.#options = options;
  }

  async groupControllerGetCapabilities(): Promise<csi.GroupControllerGetCapabilitiesResponse> {
    return { capabilities: [{ rpc: { type: 'CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT' } }] };
  }

  /** "CreateVolumeGroupSnapshot": idempotent by `name`. @throws RequestRefused, SnapshotIncompatible, VolumeNotFound, VolumeInUse, PoolFull */
  async createVolumeGroupSnapshot(request: csi.CreateVolumeGroupSnapshotRequest): Promise<csi.CreateVolumeGroupSnapshotResponse> {
    this.#options.readiness.require();
    const name = nameOf(request.name);
    const { sourceVolumeIds = [] } = request;
    if (sourceVolumeIds.length === 0) throw new RequestRefused('source_volume_ids', 'at least one is required');
    refuseForeignParameters(request.parameters ?? {}, 'a group snapshot class of this driver has none');
    return { groupSnapshot: describeGroup(await this.#options.making.ensure({ name, kind: 'group', sourceVolumeIds })) };
  }

  /** "DeleteVolumeGroupSnapshot": deletes its snapshots with it; one that is not there is deleted, a damaged one is removed. @throws RequestRefused */
  async deleteVolumeGroupSnapshot(request: csi.DeleteVolumeGroupSnapshotRequest): Promise<csi.DeleteVolumeGroupSnapshotResponse> {
    this.#options.readiness.require();
    const id = requireText('group_snapshot_id', request.groupSnapshotId);
    const set = this.#options.store.getSet(id);
    if (set?.kind === 'single') return {};
    if (set !== undefined) refuseStrangers(set, request.snapshotIds ?? []);
    await this.#options.store.delete(id);
    return {};
  }

  /** "GetVolumeGroupSnapshot": reads only. @throws GroupSnapshotNotFound, RequestRefused */
  async getVolumeGroupSnapshot(request: csi.GetVolumeGroupSnapshotRequest): Promise<csi.GetVolumeGroupSnapshotResponse> {
    this.#options.readiness.require();
    const id = requireText('group_snapshot_id', request.groupSnapshotId);
    const set = this.#find(id);
    if (set === undefined) throw new GroupSnapshotNotFound(id);
    refuseStrangers(set, request.snapshotIds ?? []);
    return { groupSnapshot: describeGroup(set) };
  }

  #find(groupId: string): SnapshotSet | undefined {
    const set = this.#options.store.getSet(groupId);
    return set?.kind === 'group' ? set : undefined;
  }
}

/** The specification wants INVALID_ARGUMENT where the caller's list names a snapshot of another group. */
function refuseStrangers(set: SnapshotSet, snapshotIds: readonly string[]): void {
  const members = new Set(set.members.map((member) => member.id));
  const stranger = snapshotIds.find((id) => !members.has(id));
  if (stranger !== undefined) throw new RequestRefused('snapshot_ids', `${JSON.stringify(stranger)} is not part of group ${set.id}`);
}

function describeGroup(set: SnapshotSet): csi.VolumeGroupSnapshot {
  return {
    groupSnapshotId: set.id,
    snapshots: describeSnapshots(set),
    creationTime: timestampOf(set.createdAtMs),
    readyToUse: true,
  };
}
