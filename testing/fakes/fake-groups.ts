import type {
  CreateVolumeGroupSnapshotRequest,
  CreateVolumeGroupSnapshotResponse,
  DeleteVolumeGroupSnapshotRequest,
  DeleteVolumeGroupSnapshotResponse,
  GetVolumeGroupSnapshotRequest,
  GetVolumeGroupSnapshotResponse,
  GroupControllerGetCapabilitiesResponse,
  Snapshot,
  VolumeGroupSnapshot,
} from '#protocols/csi/generated/messages.ts';
import { UnimplementedGroupController } from '#protocols/csi/unimplemented.ts';
import { driverError } from './driver-error.ts';

/** A group of the fake's backend. */
export interface FakeGroup {
  readonly name: string;
  readonly volumeIds: readonly string[];
}

/** What the groups of a fake driver are made of. */
export interface FakeGroupsOptions {
  /** Bytes of a volume; undefined where there is none. */
  readonly sizeOf: (volumeId: string) => bigint | undefined;
  readonly calls: string[];
}

/** Groups of snapshots in a map; `groups` is what would leak. */
export class FakeGroups extends UnimplementedGroupController {
  readonly groups = new Map<string, FakeGroup>();
  readonly #options: FakeGroupsOptions;
  /** Runs before CreateVolumeGroupSnapshot takes effect; throws to refuse. */
  before: (request: CreateVolumeGroupSnapshotRequest) => Promise<void> = async () => {};
  /** Runs after CreateVolumeGroupSnapshot took effect and before it is answered; throws to lose the answer. */
  after: (request: CreateVolumeGroupSnapshotRequest) => Promise<void> = async () => {};
  /** Runs before DeleteVolumeGroupSnapshot takes effect; throws to refuse. */
  beforeDelete: (request: DeleteVolumeGroupSnapshotRequest) => Promise<void> = async () => {};
  /** Whether a group that is taken can be used at once. */
  areReady = true;
  /** Volumes of which the driver says nothing. */
  readonly forgotten = new Set<string>();

  constructor(options: FakeGroupsOptions) {
    super();
    this.#options = options;
  }

  override async groupControllerGetCapabilities(): Promise<GroupControllerGetCapabilitiesResponse> {
    return { capabilities: [{ rpc: { type: 'CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT' } }] };
  }

  override async createVolumeGroupSnapshot(request: CreateVolumeGroupSnapshotRequest): Promise<CreateVolumeGroupSnapshotResponse> {
    const { name = '', sourceVolumeIds = [] } = request;
    this.#options.calls.push(`group ${name}`);
    await this.before(request);
    const id = `grp-${name}`;
    const absent = sourceVolumeIds.find((volumeId) => this.#options.sizeOf(volumeId) === undefined);
    if (absent !== undefined && !this.groups.has(id)) throw driverError('NotFound', `no volume ${absent}`);
    const group = this.groups.get(id) ?? { name, volumeIds: sourceVolumeIds };
    if (group.volumeIds.join() !== sourceVolumeIds.join()) throw driverError('AlreadyExists', `${name} is of other volumes`);
    this.groups.set(id, group);
    await this.after(request);
    return { groupSnapshot: this.#describe(id, group) };
  }

  override async getVolumeGroupSnapshot({ groupSnapshotId = '' }: GetVolumeGroupSnapshotRequest): Promise<GetVolumeGroupSnapshotResponse> {
    const group = this.groups.get(groupSnapshotId);
    if (group === undefined) throw driverError('NotFound', `no group ${groupSnapshotId}`);
    return { groupSnapshot: this.#describe(groupSnapshotId, group) };
  }

  override async deleteVolumeGroupSnapshot(request: DeleteVolumeGroupSnapshotRequest): Promise<DeleteVolumeGroupSnapshotResponse> {
    const { groupSnapshotId = '', snapshotIds = [] } = request;
    this.#options.calls.push(`delete ${groupSnapshotId} ${snapshotIds.join()}`);
    await this.beforeDelete(request);
    this.groups.delete(groupSnapshotId);
    return {};
  }

  #describe(groupSnapshotId: string, { name, volumeIds }: FakeGroup): VolumeGroupSnapshot {
    const creationTime = { seconds: 1_700_000_000n, nanos: 5 };
    const snapshots: readonly Snapshot[] = volumeIds
      .filter((volumeId) => !this.forgotten.has(volumeId))
      .map((sourceVolumeId) => ({
        snapshotId: `snap-${name}-${sourceVolumeId}`,
        sourceVolumeId,
        sizeBytes: this.#options.sizeOf(sourceVolumeId) ?? 0n,
        creationTime,
        readyToUse: this.areReady,
        groupSnapshotId,
      }));
    return { groupSnapshotId, snapshots, creationTime, readyToUse: this.areReady };
  }
}
