import type { CallContext } from '#protocols/csi/call.ts';
import type * as csi from '#protocols/csi/generated/messages.ts';
import { UnimplementedController, UnimplementedNode } from '#protocols/csi/unimplemented.ts';
import { driverError } from '#testing/fakes/fake-driver.ts';
import type { SimMachine } from './sim-machine.ts';
import type { SimPool, SimSnapshot, SimVolume } from './sim-pool.ts';

/** What differs between the drivers of a simulation. */
export interface SimDriverOptions {
  readonly pool: SimPool;
  /** Where all its volumes lie; absent = they reach every node, and must be attached. */
  readonly segments?: Readonly<Record<string, string>> | undefined;
  /** The machines that volumes can be used on, by name. */
  readonly machines: ReadonlyMap<string, SimMachine>;
  /** What a request takes, in which the process may die; after it was heard, so that later ones for the same volume wait for it. */
  readonly takeAMoment: (request: object) => Promise<void>;
}

const CAPABILITIES: readonly csi.ControllerServiceCapabilityRPCType[] = [
  'CREATE_DELETE_VOLUME',
  'LIST_VOLUMES',
  'GET_CAPACITY',
  'CLONE_VOLUME',
  'EXPAND_VOLUME',
  'GET_VOLUME',
  'CREATE_DELETE_SNAPSHOT',
  'LIST_SNAPSHOTS',
  'SINGLE_NODE_MULTI_WRITER',
];
/** All parameters that classes may have. */
const PARAMETERS: ReadonlySet<string> = new Set(['type']);
const PAGE_ENTRIES = 1_000;
const ATTACHING: readonly csi.ControllerServiceCapabilityRPCType[] = ['PUBLISH_UNPUBLISH_VOLUME', 'MODIFY_VOLUME'];

/** Where a volume is mounted. */
function usesOf(machine: SimMachine, driverName: string, volumeId: string): readonly (readonly [string, 'staged' | 'published'])[] {
  return [...machine.mounts].flatMap(([path, mount]) =>
    mount.volumeId === volumeId && mount.driver === driverName ? [[path, mount.role] as const] : [],
  );
}

/** The identity service. */
export function simIdentity({ pool, segments }: SimDriverOptions): csi.IdentityService {
  const type = 'VOLUME_ACCESSIBILITY_CONSTRAINTS';
  return {
    getPluginInfo: async () => ({ name: pool.driverName, vendorVersion: '1' }),
    getPluginCapabilities: async () => ({ capabilities: segments === undefined ? [] : [{ service: { type } }] }),
    probe: async () => ({ ready: true }),
  };
}

/** The controller service: effects come in the middle of a call's time. */
export class SimController extends UnimplementedController {
  readonly #options: SimDriverOptions;
  readonly #pool: SimPool;

  constructor(options: SimDriverOptions) {
    super();
    this.#options = options;
    this.#pool = options.pool;
  }

  override async controllerGetCapabilities(): Promise<csi.ControllerGetCapabilitiesResponse> {
    const types = this.#options.segments === undefined ? [...CAPABILITIES, ...ATTACHING] : CAPABILITIES;
    return { capabilities: types.map((type) => ({ rpc: { type } })) };
  }

  override async createVolume(request: csi.CreateVolumeRequest): Promise<csi.CreateVolumeResponse> {
    const unknown = Object.keys(request.parameters ?? {}).find((name) => !PARAMETERS.has(name));
    if (unknown !== undefined) throw driverError('InvalidArgument', `parameters: "${unknown}" is none of ${[...PARAMETERS].join()}`);
    this.#checkTopology(request.accessibilityRequirements);
    if (this.#options.segments !== undefined && Object.keys(request.mutableParameters ?? {}).length > 0)
      throw driverError('InvalidArgument', 'mutable_parameters: this driver has none');
    const volume = await this.#work(request, () => this.#pool.create(request));
    return { volume: { ...this.#shown(volume), volumeContext: {}, contentSource: request.volumeContentSource } };
  }

  override async deleteVolume(request: csi.DeleteVolumeRequest): Promise<csi.DeleteVolumeResponse> {
    const { volumeId = '' } = request;
    await this.#work(request, () => {
      for (const machine of this.#options.machines.values()) {
        if (usesOf(machine, this.#pool.driverName, volumeId).length > 0)
          throw driverError('FailedPrecondition', `${volumeId} is mounted on ${machine.nodeName}`);
      }
      this.#pool.delete(volumeId);
    });
    return {};
  }

  override async controllerGetVolume({ volumeId }: csi.ControllerGetVolumeRequest): Promise<csi.ControllerGetVolumeResponse> {
    return { volume: this.#shown(this.#pool.find(volumeId)) };
  }

  override async listVolumes({ maxEntries = 0, startingToken = '' }: csi.ListVolumesRequest): Promise<csi.ListVolumesResponse> {
    const ids = [...this.#pool.volumes.keys()].filter((id) => id > startingToken).toSorted();
    const page = ids.slice(0, maxEntries === 0 ? PAGE_ENTRIES : maxEntries);
    const entries = page.map((id) => ({ volume: this.#shown(this.#pool.find(id)) }));
    return page.length === ids.length ? { entries } : { entries, nextToken: page.at(-1) };
  }

  override async getCapacity(): Promise<csi.GetCapacityResponse> {
    const { freeBytes } = this.#pool;
    return { availableCapacity: freeBytes, maximumVolumeSize: freeBytes };
  }

  override async createSnapshot(request: csi.CreateSnapshotRequest): Promise<csi.CreateSnapshotResponse> {
    return { snapshot: shownSnapshot(await this.#work(request, () => this.#pool.takeSnapshot(request))) };
  }

  override async deleteSnapshot(request: csi.DeleteSnapshotRequest): Promise<csi.DeleteSnapshotResponse> {
    await this.#work(request, () => this.#pool.deleteSnapshot(request.snapshotId ?? ''));
    return {};
  }

  override async listSnapshots({ snapshotId = '' }: csi.ListSnapshotsRequest): Promise<csi.ListSnapshotsResponse> {
    const all = [...this.#pool.snapshots.values()].filter(({ id }) => snapshotId === '' || id === snapshotId);
    return { entries: all.map((snapshot) => ({ snapshot: shownSnapshot(snapshot) })) };
  }

  override async controllerExpandVolume(request: csi.ControllerExpandVolumeRequest): Promise<csi.ControllerExpandVolumeResponse> {
    const volume = await this.#work(request, () => this.#pool.grow(request.volumeId, request.capacityRange?.requiredBytes ?? 0n));
    return { capacityBytes: volume.sizeBytes, nodeExpansionRequired: true };
  }

  override async controllerModifyVolume(request: csi.ControllerModifyVolumeRequest): Promise<csi.ControllerModifyVolumeResponse> {
    if (this.#options.segments !== undefined) return super.controllerModifyVolume(request, {});
    await this.#work(request, () => {
      this.#pool.find(request.volumeId).attributes = request.mutableParameters ?? {};
    });
    return {};
  }

  override async controllerPublishVolume(
    request: csi.ControllerPublishVolumeRequest,
    call: CallContext,
  ): Promise<csi.ControllerPublishVolumeResponse> {
    if (this.#options.segments !== undefined) return super.controllerPublishVolume(request, call);
    const { nodeId = '' } = request;
    await this.#work(request, () => {
      const volume = this.#pool.find(request.volumeId);
      if (!this.#options.machines.has(nodeId)) throw driverError('NotFound', `no node ${nodeId}`);
      const others = [...volume.attachedTo].filter((name) => name !== nodeId);
      if (volume.isExclusive && others.length > 0) throw driverError('FailedPrecondition', `${volume.id} is attached to ${others.join()}`);
      volume.attachedTo.add(nodeId);
    });
    return { publishContext: { device: `/dev/disk/${request.volumeId}` } };
  }

  override async controllerUnpublishVolume(
    request: csi.ControllerUnpublishVolumeRequest,
    call: CallContext,
  ): Promise<csi.ControllerUnpublishVolumeResponse> {
    if (this.#options.segments !== undefined) return super.controllerUnpublishVolume(request, call);
    const { volumeId = '', nodeId = '' } = request;
    await this.#work(request, () => {
      const machine = this.#options.machines.get(nodeId);
      if (machine !== undefined && usesOf(machine, this.#pool.driverName, volumeId).length > 0)
        this.#pool.listener.onMisuse(`${volumeId} is detached from ${nodeId} while it is mounted there`);
      this.#pool.volumes.get(volumeId)?.attachedTo.delete(nodeId);
    });
    return {};
  }

  async #work<T>(request: object, effect: () => T): Promise<T> {
    await this.#options.takeAMoment(request);
    const result = effect();
    await this.#options.takeAMoment({});
    return result;
  }

  #shown({ id, sizeBytes }: SimVolume): csi.Volume {
    const { segments } = this.#options;
    return { volumeId: id, capacityBytes: sizeBytes, ...(segments === undefined ? {} : { accessibleTopology: [{ segments }] }) };
  }

  #checkTopology(wanted: csi.TopologyRequirement | undefined): void {
    const { segments } = this.#options;
    const requisite = wanted?.requisite ?? [];
    if (segments === undefined || requisite.length === 0) return;
    const isHere = requisite.some((topology) => Object.entries(topology.segments ?? {}).every(([key, value]) => segments[key] === value));
    if (!isHere) throw driverError('ResourceExhausted', 'accessibility_requirements: not reachable from here');
  }
}

/** A snapshot in the words of CSI. */
export function shownSnapshot({ id, sourceVolumeId, sizeBytes }: SimSnapshot): csi.Snapshot {
  return { snapshotId: id, sourceVolumeId, sizeBytes, creationTime: { seconds: 1_700_000_000n, nanos: 5 }, readyToUse: true };
}

/** The node service on one machine. */
export class SimNodeService extends UnimplementedNode {
  readonly #options: SimDriverOptions;
  readonly #machine: SimMachine;

  constructor(options: SimDriverOptions, machine: SimMachine) {
    super();
    this.#options = options;
    this.#machine = machine;
  }

  override async nodeGetCapabilities(): Promise<csi.NodeGetCapabilitiesResponse> {
    const types = ['STAGE_UNSTAGE_VOLUME', 'EXPAND_VOLUME', 'SINGLE_NODE_MULTI_WRITER'] as const;
    return { capabilities: types.map((type) => ({ rpc: { type } })) };
  }

  override async nodeGetInfo(): Promise<csi.NodeGetInfoResponse> {
    const { segments } = this.#options;
    return { nodeId: this.#machine.nodeName, ...(segments === undefined ? {} : { accessibleTopology: { segments } }) };
  }

  override async nodeStageVolume(request: csi.NodeStageVolumeRequest): Promise<csi.NodeStageVolumeResponse> {
    const { volumeId = '', stagingTargetPath = '' } = request;
    await this.#options.takeAMoment(request);
    const { pool, segments } = this.#options;
    const volume = pool.find(volumeId);
    if (segments === undefined && !volume.attachedTo.has(this.#machine.nodeName)) {
      pool.listener.onMisuse(`${volumeId} is staged on ${this.#machine.nodeName} without being attached there`);
      throw driverError('FailedPrecondition', `${volumeId} is not attached`);
    }
    // why: a copy that is larger than its source has the source's file system until it is used
    if (!usesOf(this.#machine, pool.driverName, volumeId).some(([path]) => path === stagingTargetPath)) {
      if (volume.fileSystemBytes === 0n || volume.sourceSerial !== undefined) volume.fileSystemBytes = volume.sizeBytes;
      const { files } = volume;
      this.#machine.mount(stagingTargetPath, { driver: pool.driverName, volumeId, role: 'staged', isReadOnly: false, files });
    }
    await this.#options.takeAMoment({});
    return {};
  }

  override async nodeUnstageVolume(request: csi.NodeUnstageVolumeRequest): Promise<csi.NodeUnstageVolumeResponse> {
    const { volumeId = '', stagingTargetPath = '' } = request;
    await this.#options.takeAMoment(request);
    const { pool } = this.#options;
    const uses = usesOf(this.#machine, pool.driverName, volumeId);
    if (uses.some(([, role]) => role === 'published')) {
      pool.listener.onMisuse(`${volumeId} is unstaged on ${this.#machine.nodeName} while it is published there`);
      throw driverError('FailedPrecondition', `${volumeId} is published`);
    }
    this.#machine.unmount(stagingTargetPath);
    await this.#options.takeAMoment({});
    return {};
  }

  override async nodePublishVolume(request: csi.NodePublishVolumeRequest): Promise<csi.NodePublishVolumeResponse> {
    const { volumeId = '', stagingTargetPath = '', targetPath = '', readonly: isReadOnly = false, volumeCapability } = request;
    await this.#options.takeAMoment(request);
    const { pool } = this.#options;
    const { files } = pool.find(volumeId);
    const others = usesOf(this.#machine, pool.driverName, volumeId).filter(([path, role]) => role === 'published' && path !== targetPath);
    if (volumeCapability?.accessMode?.mode === 'SINGLE_NODE_SINGLE_WRITER' && others.length > 0)
      throw driverError('FailedPrecondition', `${volumeId} is for one pod and published at ${others.join()}`);
    if (this.#machine.mounts.get(stagingTargetPath)?.volumeId !== volumeId) {
      pool.listener.onMisuse(`${volumeId} is published on ${this.#machine.nodeName} without being staged there`);
      throw driverError('FailedPrecondition', `${volumeId} is not staged`);
    }
    this.#machine.mount(targetPath, { driver: pool.driverName, volumeId, role: 'published', isReadOnly, files });
    await this.#options.takeAMoment({});
    return {};
  }

  override async nodeUnpublishVolume(request: csi.NodeUnpublishVolumeRequest): Promise<csi.NodeUnpublishVolumeResponse> {
    const { targetPath = '' } = request;
    await this.#options.takeAMoment(request);
    this.#machine.unmount(targetPath);
    await this.#options.takeAMoment({});
    return {};
  }

  override async nodeExpandVolume(request: csi.NodeExpandVolumeRequest): Promise<csi.NodeExpandVolumeResponse> {
    const { volumeId = '' } = request;
    await this.#options.takeAMoment(request);
    const { pool } = this.#options;
    const volume = pool.find(volumeId);
    if (usesOf(this.#machine, pool.driverName, volumeId).length === 0) throw driverError('FailedPrecondition', `${volumeId} is not staged`);
    volume.fileSystemBytes = volume.sizeBytes;
    await this.#options.takeAMoment({});
    return { capacityBytes: volume.sizeBytes };
  }
}
