import { isDeepStrictEqual } from 'node:util';
import type { ConnectedDrivers } from '#controllers/csi/driver-work/drivers.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type {
  ControllerExpandVolumeRequest,
  ControllerExpandVolumeResponse,
  ControllerGetCapabilitiesResponse,
  ControllerModifyVolumeRequest,
  ControllerModifyVolumeResponse,
  ControllerPublishVolumeRequest,
  ControllerPublishVolumeResponse,
  ControllerUnpublishVolumeRequest,
  ControllerUnpublishVolumeResponse,
  ControllerService,
  ControllerServiceCapabilityRPCType,
  CreateSnapshotRequest,
  CreateSnapshotResponse,
  CreateVolumeRequest,
  CreateVolumeResponse,
  DeleteSnapshotRequest,
  DeleteSnapshotResponse,
  DeleteVolumeRequest,
  DeleteVolumeResponse,
  GroupControllerService,
  IdentityService,
  ListSnapshotsRequest,
  ListSnapshotsResponse,
  PluginCapabilityServiceType,
  Snapshot,
  SnapshotMetadataService,
} from '#protocols/csi/generated/messages.ts';
import {
  UnimplementedController,
  UnimplementedGroupController,
  UnimplementedNode,
  UnimplementedSnapshotMetadata,
} from '#protocols/csi/unimplemented.ts';
import { driverError } from './driver-error.ts';
import { FakeBlocks } from './fake-blocks.ts';
import { FakeGroups } from './fake-groups.ts';

/** A volume of the fake's backend. */
export interface FakeVolume {
  readonly id: string;
  readonly name: string;
  readonly request: CreateVolumeRequest;
}

/** What the fake can do beside making volumes. */
export interface FakeDriverOptions {
  readonly capabilities?: readonly ControllerServiceCapabilityRPCType[];
  /** Volumes lie where the request prefers them. */
  readonly topology?: 'aware';
  /** Whether growing goes on at the node. */
  readonly growth?: 'needsNode';
  /** Whether it takes groups of snapshots. */
  readonly groups?: 'taken' | 'none';
  /** Whether it tells of blocks of snapshots. */
  readonly blocks?: 'told' | 'none';
  /** Size that is answered in place of the requested one. */
  readonly answeredBytes?: bigint;
}

/** A CSI driver whose backend is a map; `volumes` is what would leak. It makes and deletes volumes as the suite of drivers wants it; the rest a test says. */
export class FakeDriver implements CsiClient {
  readonly volumes = new Map<string, FakeVolume>();
  /** Snapshots by id; what would leak. */
  readonly snapshots = new Map<string, Snapshot & { readonly name: string }>();
  readonly calls: string[] = [];
  /** Runs before CreateSnapshot takes effect; throws to refuse. */
  beforeSnapshot: (request: CreateSnapshotRequest) => Promise<void> = async () => {};
  /** Runs after CreateSnapshot took effect and before it is answered; throws to lose the answer. */
  afterSnapshot: (request: CreateSnapshotRequest) => Promise<void> = async () => {};
  /** Runs before DeleteSnapshot takes effect; throws to refuse. */
  beforeSnapshotDelete: (request: DeleteSnapshotRequest) => Promise<void> = async () => {};
  /** Whether a snapshot that is taken can be used at once. */
  areSnapshotsReady = true;
  /** Runs before CreateVolume takes effect; throws to refuse. */
  beforeCreate: (request: CreateVolumeRequest) => Promise<void> = async () => {};
  /** Runs after CreateVolume took effect and before it is answered; throws to lose the answer. */
  afterCreate: (request: CreateVolumeRequest) => Promise<void> = async () => {};
  /** Runs before ControllerExpandVolume takes effect; throws to refuse. */
  beforeExpand: (request: ControllerExpandVolumeRequest) => Promise<void> = async () => {};
  /** Runs before ControllerModifyVolume takes effect; throws to refuse. */
  beforeModify: (request: ControllerModifyVolumeRequest) => Promise<void> = async () => {};
  /** Runs before ControllerPublishVolume takes effect; throws to refuse. */
  beforePublish: (request: ControllerPublishVolumeRequest) => Promise<void> = async () => {};
  /** Runs before ControllerUnpublishVolume takes effect; throws to refuse. */
  beforeUnpublish: (request: ControllerUnpublishVolumeRequest) => Promise<void> = async () => {};
  /** Runs before DeleteVolume takes effect. */
  beforeDelete: (volumeId: string) => Promise<void> = async () => {};
  /** Runs after DeleteVolume took effect and before it is answered; throws to lose the answer. */
  afterDelete: (volumeId: string) => Promise<void> = async () => {};
  readonly identity: IdentityService;
  readonly controller: ControllerService;
  readonly node = new UnimplementedNode();
  /** Groups of snapshots; served where the options say so. */
  readonly groupSnapshots = new FakeGroups({
    sizeOf: (volumeId) => {
      const volume = this.volumes.get(volumeId);
      return volume === undefined ? undefined : (volume.request.capacityRange?.requiredBytes ?? 0n);
    },
    calls: this.calls,
  });
  readonly groupController: GroupControllerService;
  /** Blocks of snapshots; served where the options say so. */
  readonly blocks = new FakeBlocks();
  readonly snapshotMetadata: SnapshotMetadataService;

  constructor(options: FakeDriverOptions = {}) {
    this.groupController = options.groups === 'taken' ? this.groupSnapshots : new UnimplementedGroupController();
    this.snapshotMetadata = options.blocks === 'told' ? this.blocks : new UnimplementedSnapshotMetadata();
    const services: readonly PluginCapabilityServiceType[] = [
      ...(options.topology === 'aware' ? (['VOLUME_ACCESSIBILITY_CONSTRAINTS'] as const) : []),
      ...(options.blocks === 'told' ? (['SNAPSHOT_METADATA_SERVICE'] as const) : []),
    ];
    this.identity = {
      getPluginInfo: async () => ({ name: 'fake', vendorVersion: '1' }),
      getPluginCapabilities: async () => ({ capabilities: services.map((type) => ({ service: { type } })) }),
      probe: async () => ({ ready: true }),
    };
    this.controller = new FakeController(this, options);
  }

  close(): void {}
}

class FakeController extends UnimplementedController {
  readonly #driver: FakeDriver;
  readonly #options: FakeDriverOptions;

  constructor(driver: FakeDriver, options: FakeDriverOptions) {
    super();
    this.#driver = driver;
    this.#options = options;
  }

  override async controllerGetCapabilities(): Promise<ControllerGetCapabilitiesResponse> {
    return { capabilities: (this.#options.capabilities ?? []).map((type) => ({ rpc: { type } })) };
  }

  override async createVolume(request: CreateVolumeRequest): Promise<CreateVolumeResponse> {
    const { name = '' } = request;
    this.#driver.calls.push(`create ${name}`);
    await this.#driver.beforeCreate(request);
    const volumeId = `vol-${name}`;
    const found = this.#driver.volumes.get(volumeId);
    if (found !== undefined && !isDeepStrictEqual(found.request.capacityRange, request.capacityRange))
      throw driverError('AlreadyExists', `${name} exists, and is another`);
    if (found === undefined) this.#driver.volumes.set(volumeId, { id: volumeId, name, request });
    await this.#driver.afterCreate(request);
    const isTopologyAware = this.#options.topology === 'aware';
    return {
      volume: {
        volumeId,
        capacityBytes: this.#options.answeredBytes ?? request.capacityRange?.requiredBytes ?? 0n,
        volumeContext: { pool: 'a' },
        ...(request.volumeContentSource === undefined ? {} : { contentSource: request.volumeContentSource }),
        accessibleTopology: isTopologyAware ? (request.accessibilityRequirements?.preferred ?? []).slice(0, 1) : [],
      },
    };
  }

  override async controllerExpandVolume(request: ControllerExpandVolumeRequest): Promise<ControllerExpandVolumeResponse> {
    const bytes = request.capacityRange?.requiredBytes ?? 0n;
    this.#driver.calls.push(`expand ${request.volumeId} ${bytes}`);
    await this.#driver.beforeExpand(request);
    return { capacityBytes: bytes, nodeExpansionRequired: this.#options.growth === 'needsNode' };
  }

  override async controllerModifyVolume(request: ControllerModifyVolumeRequest): Promise<ControllerModifyVolumeResponse> {
    this.#driver.calls.push(`modify ${request.volumeId} ${JSON.stringify(request.mutableParameters)}`);
    await this.#driver.beforeModify(request);
    return {};
  }

  override async controllerPublishVolume(request: ControllerPublishVolumeRequest): Promise<ControllerPublishVolumeResponse> {
    this.#driver.calls.push(`attach ${request.volumeId} ${request.nodeId}`);
    await this.#driver.beforePublish(request);
    return { publishContext: { device: `/dev/disk/${request.volumeId}` } };
  }

  override async controllerUnpublishVolume(request: ControllerUnpublishVolumeRequest): Promise<ControllerUnpublishVolumeResponse> {
    this.#driver.calls.push(`detach ${request.volumeId} ${request.nodeId}`);
    await this.#driver.beforeUnpublish(request);
    return {};
  }

  override async createSnapshot(request: CreateSnapshotRequest): Promise<CreateSnapshotResponse> {
    const { name = '', sourceVolumeId = '' } = request;
    this.#driver.calls.push(`snapshot ${name}`);
    await this.#driver.beforeSnapshot(request);
    const snapshotId = `snap-${name}`;
    const { snapshots, volumes } = this.#driver;
    const found = snapshots.get(snapshotId);
    if (found === undefined && !volumes.has(sourceVolumeId)) throw driverError('NotFound', `no volume ${sourceVolumeId}`);
    if (found !== undefined && found.sourceVolumeId !== sourceVolumeId) throw driverError('AlreadyExists', `${name} is of another volume`);
    const sizeBytes = volumes.get(sourceVolumeId)?.request.capacityRange?.requiredBytes ?? 0n;
    const taken = found ?? { name, snapshotId, sourceVolumeId, sizeBytes, creationTime: { seconds: 1_700_000_000n, nanos: 5 } };
    snapshots.set(snapshotId, taken);
    await this.#driver.afterSnapshot(request);
    return { snapshot: { ...taken, readyToUse: this.#driver.areSnapshotsReady } };
  }

  override async listSnapshots({ snapshotId = '' }: ListSnapshotsRequest): Promise<ListSnapshotsResponse> {
    this.#driver.calls.push(`list ${snapshotId}`);
    const snapshot = this.#driver.snapshots.get(snapshotId);
    return { entries: snapshot === undefined ? [] : [{ snapshot: { ...snapshot, readyToUse: this.#driver.areSnapshotsReady } }] };
  }

  override async deleteSnapshot(request: DeleteSnapshotRequest): Promise<DeleteSnapshotResponse> {
    this.#driver.calls.push(`delete ${request.snapshotId}`);
    await this.#driver.beforeSnapshotDelete(request);
    this.#driver.snapshots.delete(request.snapshotId ?? '');
    return {};
  }

  override async deleteVolume({ volumeId = '' }: DeleteVolumeRequest): Promise<DeleteVolumeResponse> {
    this.#driver.calls.push(`delete ${volumeId}`);
    await this.#driver.beforeDelete(volumeId);
    this.#driver.volumes.delete(volumeId);
    await this.#driver.afterDelete(volumeId);
    return {};
  }
}

export { driverError };

/** Drivers by name. */
export function connected(drivers: ReadonlyMap<string, CsiClient>): ConnectedDrivers & { announce(driverName: string): void } {
  const listeners = new Set<(driverName: string) => void>();
  return {
    find: (name) => drivers.get(name),
    names: () => [...drivers.keys()],
    onBack: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce: (driverName) => listeners.forEach((listener) => listener(driverName)),
  };
}
