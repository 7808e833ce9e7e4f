import type * as csi from '#protocols/csi/generated/messages.ts';
import { UnimplementedGroupController } from '#protocols/csi/unimplemented.ts';
import { driverError } from '#testing/fakes/fake-driver.ts';
import { shownSnapshot, type SimDriverOptions } from './sim-driver.ts';
import type { SimGroup, SimPool } from './sim-pool.ts';

/** The group controller service: all members are taken in one moment. */
export class SimGroupController extends UnimplementedGroupController {
  readonly #pool: SimPool;
  readonly #takeAMoment: SimDriverOptions['takeAMoment'];

  constructor({ pool, takeAMoment }: SimDriverOptions) {
    super();
    this.#pool = pool;
    this.#takeAMoment = takeAMoment;
  }

  override async groupControllerGetCapabilities(): Promise<csi.GroupControllerGetCapabilitiesResponse> {
    return { capabilities: [{ rpc: { type: 'CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT' } }] };
  }

  override async createVolumeGroupSnapshot(request: csi.CreateVolumeGroupSnapshotRequest): Promise<csi.CreateVolumeGroupSnapshotResponse> {
    await this.#takeAMoment(request);
    const group = this.#pool.takeGroup(request);
    await this.#takeAMoment({});
    return { groupSnapshot: this.#shown(group) };
  }

  override async getVolumeGroupSnapshot({
    groupSnapshotId = '',
  }: csi.GetVolumeGroupSnapshotRequest): Promise<csi.GetVolumeGroupSnapshotResponse> {
    const group = this.#pool.groups.get(groupSnapshotId);
    if (group === undefined) throw driverError('NotFound', `no group ${groupSnapshotId}`);
    return { groupSnapshot: this.#shown(group) };
  }

  override async deleteVolumeGroupSnapshot(request: csi.DeleteVolumeGroupSnapshotRequest): Promise<csi.DeleteVolumeGroupSnapshotResponse> {
    await this.#takeAMoment(request);
    const { groupSnapshotId = '', snapshotIds = [] } = request;
    const group = this.#pool.groups.get(groupSnapshotId);
    // CSI 1.13 "DeleteVolumeGroupSnapshot": all that it has, and nothing else
    if (group !== undefined && new Set(snapshotIds).symmetricDifference(new Set(group.snapshotIds)).size > 0)
      throw driverError('InvalidArgument', `snapshot_ids: not those of ${groupSnapshotId}`);
    for (const id of group?.snapshotIds ?? []) this.#pool.snapshots.delete(id);
    this.#pool.groups.delete(groupSnapshotId);
    await this.#takeAMoment({});
    return {};
  }

  #shown({ id, snapshotIds }: SimGroup): csi.VolumeGroupSnapshot {
    const snapshots = snapshotIds.map((snapshotId) => ({ ...shownSnapshot(this.#pool.findSnapshot(snapshotId)), groupSnapshotId: id }));
    return { groupSnapshotId: id, snapshots, creationTime: { seconds: 1_700_000_000n, nanos: 5 }, readyToUse: true };
  }
}
