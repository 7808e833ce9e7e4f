import { parseCapabilities, parseCapability, RequestRefused, requireText } from '#protocols/csi/request-fields.ts';
import type * as csi from '#protocols/csi/generated/messages.ts';
import { UnimplementedController } from '#protocols/csi/unimplemented.ts';
import type { CapacityLedger } from './capacity-ledger.ts';
import { type ContentSources, describeContentSource, parseContentSource } from './content-source.ts';
import {
  chooseSize,
  incompatibility,
  isInRange,
  nameOf,
  parseCreateRequest,
  parseParameters,
  parseRange,
  sizesIn,
  TOPOLOGY_KEY,
} from './create-request.ts';
import { RootRequired, SizeRefused, VolumeIncompatible, VolumeInUse } from './errors.ts';
import type { Host } from '#linux/host.ts';
import { pageOf } from './list-token.ts';
import type { Machine } from './machine.ts';
import type { Readiness } from './readiness.ts';
import type { SnapshotRpcs } from './snapshot-rpcs.ts';
import { observeCondition } from './volume-condition.ts';
import type { VolumeCopier } from './volume-copier.ts';
import { volumeIdOf, type VolumeRecord, type VolumeType } from './volume-record.ts';
import type { VolumeStore } from './volume-store.ts';
import { observeUse } from './volume-use.ts';

/** What the controller service is made of. */
export interface LocalControllerOptions {
  readonly nodeName: string;
  readonly machine: Machine;
  readonly store: VolumeStore;
  readonly host: Host;
  readonly ledger: CapacityLedger;
  readonly sources: ContentSources;
  readonly copier: VolumeCopier;
  readonly snapshotRpcs: SnapshotRpcs;
  readonly readiness: Readiness;
}

/** What the controller service can do (CSI 1.13 ControllerGetCapabilities). */
export const LOCAL_CAPABILITIES: readonly csi.ControllerServiceCapabilityRPCType[] = [
  'CREATE_DELETE_VOLUME',
  'LIST_VOLUMES',
  'GET_CAPACITY',
  'CREATE_DELETE_SNAPSHOT',
  'LIST_SNAPSHOTS',
  'GET_SNAPSHOT',
  'CLONE_VOLUME',
  'VOLUME_CONDITION',
  'GET_VOLUME',
  'EXPAND_VOLUME',
  'SINGLE_NODE_MULTI_WRITER',
];

/**
 * The controller service of `local.stowage.dev` (CSI 1.13 "Controller Service RPC"). Calls of one volume come one at a time (LockedController).
 * There is no attachment: volumes are where the pool is.
 */
export class LocalController extends UnimplementedController {
  readonly #options: LocalControllerOptions;
  readonly #store: VolumeStore;

  constructor(options: LocalControllerOptions) {
    super();
    this.#options = options;
    this.#store = options.store;
  }

  override async controllerGetCapabilities(): Promise<csi.ControllerGetCapabilitiesResponse> {
    return { capabilities: LOCAL_CAPABILITIES.map((type) => ({ rpc: { type } })) };
  }

  /**
   * "CreateVolume": idempotent by `name`. The same name answers with the volume as it is where type, filesystem and capacity range fit, else ALREADY_EXISTS.
   * From a snapshot or a volume it gets the content as of one moment; see {@link planCopy} for what that takes of a volume in use.
   * @throws RequestRefused, SizeRefused, VolumeIncompatible, VolumeNotFound, SnapshotNotFound, VolumeInUse, PoolFull, TopologyUnreachable, RootRequired
   */
  override async createVolume(request: csi.CreateVolumeRequest): Promise<csi.CreateVolumeResponse> {
    this.#options.readiness.require();
    const { nodeName, sources, copier } = this.#options;
    const reference = parseContentSource(request.volumeContentSource);
    const found = this.#store.get(volumeIdOf(nameOf(request.name)));
    if (found !== undefined) {
      // why: what it was made from may be gone since; the volume itself says what that was
      const source = reference === undefined ? undefined : { reference, type: found.type, sizeBytes: 0n, fsType: found.fsType };
      const wanted = parseCreateRequest(request, { nodeName, defaultType: this.#defaultType, ...(source === undefined ? {} : { source }) });
      const difference = differenceOf(found, wanted, request.capacityRange ?? {});
      if (difference !== undefined) throw new VolumeIncompatible(wanted.name, difference);
      return { volume: this.#describe(found) };
    }
    this.#options.readiness.requireSound();
    const source = reference === undefined ? undefined : await sources.find(reference);
    const wanted = parseCreateRequest(request, { nodeName, defaultType: this.#defaultType, ...(source === undefined ? {} : { source }) });
    this.#requireType(wanted.type);
    const fill = source === undefined ? undefined : async (path: string) => copier.copy([await sources.planCopyTo(source, path)]);
    return { volume: this.#describe(await this.#store.create(wanted, fill)) };
  }

  /**
   * "DeleteVolume": a volume that is not there is deleted, one that is damaged is removed with what is left of it. Refused with FAILED_PRECONDITION
   * while it is staged or mounted anywhere. @throws VolumeInUse
   */
  override async deleteVolume(request: csi.DeleteVolumeRequest): Promise<csi.DeleteVolumeResponse> {
    this.#options.readiness.require();
    const id = requireText('volume_id', request.volumeId);
    if (!this.#store.isKnown(id)) return {};
    const record = this.#store.get(id);
    // why both: what has no readable record may be of either type
    const types: readonly VolumeType[] = record === undefined ? ['file', 'directory'] : [record.type];
    for (const type of types) {
      const use = await observeUse({ id, type }, this.#options);
      if (use !== undefined) throw new VolumeInUse(id, `${use.words}; NodeUnstageVolume comes first`);
    }
    await this.#store.delete(id);
    return {};
  }

  /** "ValidateVolumeCapabilities": reads only. */
  override async validateVolumeCapabilities(
    request: csi.ValidateVolumeCapabilitiesRequest,
  ): Promise<csi.ValidateVolumeCapabilitiesResponse> {
    this.#options.readiness.require();
    const id = requireText('volume_id', request.volumeId);
    const volumeCapabilities = parseCapabilities(request.volumeCapabilities);
    const record = this.#store.require(id);
    const problem = incompatibility(record.type, volumeCapabilities);
    if (problem !== undefined) return { message: problem };
    return { confirmed: { volumeCapabilities, volumeContext: request.volumeContext, parameters: request.parameters } };
  }

  /** "ListVolumes": in order of id, so that volumes made between two pages do not move what follows. @throws InvalidListToken (ABORTED) */
  override async listVolumes(request: csi.ListVolumesRequest): Promise<csi.ListVolumesResponse> {
    this.#options.readiness.require();
    const { page, nextToken } = pageOf(this.#store.list(), { request, idOf: (record) => record.id });
    const entries: csi.ListVolumesResponseEntry[] = [];
    for (const record of page)
      entries.push({ volume: this.#describe(record), status: { volumeCondition: await observeCondition(record, this.#store) } });
    return { entries, ...(nextToken === undefined ? {} : { nextToken }) };
  }

  /** "GetCapacity": what may still be promised, in whole MiB as volumes have them; 0 for another node, and for what this machine can't make. */
  override async getCapacity(request: csi.GetCapacityRequest): Promise<csi.GetCapacityResponse> {
    this.#options.readiness.require();
    const type = parseParameters(request.parameters ?? {}, this.#defaultType);
    const node = request.accessibleTopology?.segments?.[TOPOLOGY_KEY] ?? this.#options.nodeName;
    const isPossible = type === 'directory' || this.#options.machine.loopDevices.isPossible;
    const isServed = isPossible && node === this.#options.nodeName && incompatibility(type, request.volumeCapabilities ?? []) === undefined;
    const sizes = sizesIn(isServed ? this.#options.ledger.freeBytes : 0n);
    return { ...sizes, minimumVolumeSize: chooseSize({ requiredBytes: 1n }, { type }) };
  }

  /** "ControllerGetVolume": reads only. @throws VolumeNotFound */
  override async controllerGetVolume(request: csi.ControllerGetVolumeRequest): Promise<csi.ControllerGetVolumeResponse> {
    this.#options.readiness.require();
    const record = this.#store.require(requireText('volume_id', request.volumeId));
    return { volume: this.#describe(record), status: { volumeCondition: await observeCondition(record, this.#store) } };
  }

  override async createSnapshot(request: csi.CreateSnapshotRequest): Promise<csi.CreateSnapshotResponse> {
    this.#options.readiness.require();
    return this.#options.snapshotRpcs.createSnapshot(request);
  }

  override async deleteSnapshot(request: csi.DeleteSnapshotRequest): Promise<csi.DeleteSnapshotResponse> {
    this.#options.readiness.require();
    return this.#options.snapshotRpcs.deleteSnapshot(request);
  }

  override async listSnapshots(request: csi.ListSnapshotsRequest): Promise<csi.ListSnapshotsResponse> {
    this.#options.readiness.require();
    return this.#options.snapshotRpcs.listSnapshots(request);
  }

  override async getSnapshot(request: csi.GetSnapshotRequest): Promise<csi.GetSnapshotResponse> {
    this.#options.readiness.require();
    return this.#options.snapshotRpcs.getSnapshot(request);
  }

  /**
   * "ControllerExpandVolume": idempotent; a volume that is already as large answers with its size. The image grows here, device and filesystem on the node.
   * @throws VolumeNotFound, SizeRefused (OUT_OF_RANGE), PoolFull
   */
  override async controllerExpandVolume(request: csi.ControllerExpandVolumeRequest): Promise<csi.ControllerExpandVolumeResponse> {
    this.#options.readiness.require();
    const id = requireText('volume_id', request.volumeId);
    if (request.capacityRange === undefined) throw new RequestRefused('capacity_range', 'is required');
    if (request.volumeCapability !== undefined) parseCapability(request.volumeCapability);
    const record = this.#store.require(id);
    const { required, limit } = parseRange(request.capacityRange);
    if (limit !== undefined && limit < record.sizeBytes)
      throw new SizeRefused(`volume ${id} has ${record.sizeBytes} bytes already, more than the limit of ${limit}; volumes do not shrink`);
    const isLargeEnough = required === undefined || required <= record.sizeBytes;
    const sizeBytes = isLargeEnough ? record.sizeBytes : chooseSize(request.capacityRange, record);
    const grown = await this.#store.grow(record, sizeBytes);
    return { capacityBytes: grown.sizeBytes, nodeExpansionRequired: grown.type === 'file' };
  }

  get #defaultType(): VolumeType {
    return this.#options.machine.loopDevices.isPossible ? 'file' : 'directory';
  }

  #requireType(type: VolumeType): void {
    const { loopDevices } = this.#options.machine;
    if (type === 'file' && !loopDevices.isPossible)
      throw new RootRequired(
        'a volume of type file',
        `${loopDevices.missing}; a class with the parameter type: directory can be made without`,
      );
  }

  #describe(record: VolumeRecord): csi.Volume {
    return {
      volumeId: record.id,
      capacityBytes: record.sizeBytes,
      volumeContext: { type: record.type },
      ...(record.source === undefined ? {} : { contentSource: describeContentSource(record.source) }),
      accessibleTopology: [{ segments: { [TOPOLOGY_KEY]: this.#options.nodeName } }],
    };
  }
}

function sourceText({ source }: Pick<VolumeRecord, 'source'>): string {
  return source === undefined ? 'no source' : `the source ${source.kind} ${source.id}`;
}

/** How an existing volume differs from what the same name asks for now; undefined where it fits. */
function differenceOf(
  found: VolumeRecord,
  wanted: Pick<VolumeRecord, 'name' | 'type' | 'fsType' | 'source'>,
  range: csi.CapacityRange,
): string | undefined {
  if (found.name !== wanted.name) return `another name, ${JSON.stringify(found.name)}`;
  if (found.type !== wanted.type) return `type ${found.type}`;
  if (sourceText(found) !== sourceText(wanted)) return sourceText(found);
  if (found.fsType !== wanted.fsType) return found.fsType === undefined ? 'no filesystem type asked for' : `filesystem ${found.fsType}`;
  if (!isInRange(found.sizeBytes, range)) return `${found.sizeBytes} bytes`;
  return undefined;
}
