import type * as csi from '#protocols/csi/generated/messages.ts';
import { UnimplementedController } from '#protocols/csi/unimplemented.ts';
import {
  chooseSize,
  incompatibility,
  isInRange,
  parseCapabilities,
  parseCapability,
  parseCreateRequest,
  parseParameters,
  parseRange,
  TOPOLOGY_KEY,
} from './create-request.ts';
import { RequestRefused, RootRequired, SizeRefused, VolumeIncompatible, VolumeInUse } from './errors.ts';
import type { Host } from './host.ts';
import { formatListToken, parseListToken } from './list-token.ts';
import type { Machine } from './machine.ts';
import { isInside, placeOf } from './mount-table.ts';
import type { Readiness } from './readiness.ts';
import type { VolumeRecord, VolumeType } from './volume-record.ts';
import type { VolumeStore } from './volume-store.ts';

/** What the controller service is made of. */
export interface LocalControllerOptions {
  readonly nodeName: string;
  readonly machine: Machine;
  readonly store: VolumeStore;
  readonly host: Host;
  readonly readiness: Readiness;
}

const CAPABILITIES: readonly csi.ControllerServiceCapabilityRPCType[] = [
  'CREATE_DELETE_VOLUME',
  'LIST_VOLUMES',
  'GET_CAPACITY',
  'GET_VOLUME',
  'EXPAND_VOLUME',
  'SINGLE_NODE_MULTI_WRITER',
];
/** Entries of one ListVolumes answer where the caller sets no limit. */
const PAGE_ENTRIES = 5_000;

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
    return { capabilities: CAPABILITIES.map((type) => ({ rpc: { type } })) };
  }

  /**
   * "CreateVolume": idempotent by `name`. The same name answers with the volume as it is where type, filesystem and capacity range fit, else ALREADY_EXISTS.
   * @throws RequestRefused, SizeRefused, VolumeIncompatible, PoolFull, TopologyUnreachable, RootRequired
   */
  override async createVolume(request: csi.CreateVolumeRequest): Promise<csi.CreateVolumeResponse> {
    this.#options.readiness.require();
    const wanted = parseCreateRequest(request, { nodeName: this.#options.nodeName, defaultType: this.#defaultType });
    const found = this.#store.get(wanted.id);
    if (found !== undefined) {
      const difference = differenceOf(found, wanted, request.capacityRange ?? {});
      if (difference !== undefined) throw new VolumeIncompatible(wanted.name, difference);
      return { volume: this.#describe(found) };
    }
    this.#requireType(wanted.type);
    return { volume: this.#describe(await this.#store.create(wanted)) };
  }

  /** "DeleteVolume": a volume that is not there is deleted. Refused with FAILED_PRECONDITION while it is staged or mounted anywhere. @throws VolumeInUse */
  override async deleteVolume(request: csi.DeleteVolumeRequest): Promise<csi.DeleteVolumeResponse> {
    this.#options.readiness.require();
    const record = this.#store.get(requireId(request.volumeId));
    if (record === undefined) return {};
    const user = await this.#userOf(record);
    if (user !== undefined) throw new VolumeInUse(record.id, user);
    await this.#store.delete(record);
    return {};
  }

  /** "ValidateVolumeCapabilities": reads only. */
  override async validateVolumeCapabilities(
    request: csi.ValidateVolumeCapabilitiesRequest,
  ): Promise<csi.ValidateVolumeCapabilitiesResponse> {
    this.#options.readiness.require();
    const id = requireId(request.volumeId);
    const volumeCapabilities = parseCapabilities(request.volumeCapabilities);
    const record = this.#store.require(id);
    const problem = incompatibility(record.type, volumeCapabilities);
    if (problem !== undefined) return { message: problem };
    return { confirmed: { volumeCapabilities, volumeContext: request.volumeContext, parameters: request.parameters } };
  }

  /** "ListVolumes": in order of id, so that volumes made between two pages do not move what follows. @throws InvalidListToken (ABORTED) */
  override async listVolumes(request: csi.ListVolumesRequest): Promise<csi.ListVolumesResponse> {
    this.#options.readiness.require();
    const asked = request.maxEntries ?? 0;
    if (asked < 0) throw new RequestRefused('max_entries', `${asked} is negative`);
    const limit = asked === 0 ? PAGE_ENTRIES : Math.min(asked, PAGE_ENTRIES);
    const after = parseListToken(request.startingToken ?? '');
    const left = this.#store
      .list()
      .filter((record) => after === undefined || record.id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const page = left.slice(0, limit);
    const last = page.at(-1);
    return {
      entries: page.map((record) => ({ volume: this.#describe(record) })),
      ...(last !== undefined && left.length > limit ? { nextToken: formatListToken(last.id) } : {}),
    };
  }

  /** "GetCapacity": what may still be promised, 0 for another node. */
  override async getCapacity(request: csi.GetCapacityRequest): Promise<csi.GetCapacityResponse> {
    this.#options.readiness.require();
    const type = parseParameters(request.parameters ?? {}, this.#defaultType);
    const node = request.accessibleTopology?.segments?.[TOPOLOGY_KEY] ?? this.#options.nodeName;
    const isServed = node === this.#options.nodeName && incompatibility(type, request.volumeCapabilities ?? []) === undefined;
    const free = isServed ? this.#store.freeBytes : 0n;
    return { availableCapacity: free, maximumVolumeSize: free, minimumVolumeSize: chooseSize({ requiredBytes: 1n }, { type }) };
  }

  /** "ControllerGetVolume": reads only. @throws VolumeNotFound */
  override async controllerGetVolume(request: csi.ControllerGetVolumeRequest): Promise<csi.ControllerGetVolumeResponse> {
    this.#options.readiness.require();
    return { volume: this.#describe(this.#store.require(requireId(request.volumeId))), status: {} };
  }

  /**
   * "ControllerExpandVolume": idempotent; a volume that is already as large answers with its size. The image grows here, device and filesystem on the node.
   * @throws VolumeNotFound, SizeRefused (OUT_OF_RANGE), PoolFull
   */
  override async controllerExpandVolume(request: csi.ControllerExpandVolumeRequest): Promise<csi.ControllerExpandVolumeResponse> {
    this.#options.readiness.require();
    const id = requireId(request.volumeId);
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
      accessibleTopology: [{ segments: { [TOPOLOGY_KEY]: this.#options.nodeName } }],
    };
  }

  /** Who has the volume, for people; undefined where nobody has. */
  async #userOf(record: VolumeRecord): Promise<string | undefined> {
    if (record.type === 'file') {
      const image = this.#store.imageOf(record.id);
      const loop = (await this.#options.host.loops()).find((candidate) => candidate.image === image);
      if (loop === undefined) return undefined;
      const mount = (await this.#options.host.mounts()).find((entry) => entry.device === loop.device);
      return `${loop.path} is attached to it${mount === undefined ? '' : ` and mounted at ${mount.mountPoint}`}; NodeUnstageVolume comes first`;
    }
    const data = this.#store.dataOf(record.id);
    const mounts = await this.#options.host.mounts();
    const place = placeOf(mounts, data);
    // why: a mount of the data would lose it, and a mount inside the data would be emptied with it
    const user = mounts.find(
      (entry) =>
        isInside(entry.mountPoint, data) || (place !== undefined && entry.device === place.device && isInside(entry.root, place.root)),
    );
    return user === undefined ? undefined : `it is mounted at ${user.mountPoint}; NodeUnstageVolume comes first`;
  }
}

/** How an existing volume differs from what the same name asks for now; undefined where it fits. */
function differenceOf(
  found: VolumeRecord,
  wanted: Pick<VolumeRecord, 'name' | 'type' | 'fsType'>,
  range: csi.CapacityRange,
): string | undefined {
  if (found.name !== wanted.name) return `another name, ${JSON.stringify(found.name)}`;
  if (found.type !== wanted.type) return `type ${found.type}`;
  if (found.fsType !== wanted.fsType) return found.fsType === undefined ? 'no filesystem type asked for' : `filesystem ${found.fsType}`;
  if (!isInRange(found.sizeBytes, range)) return `${found.sizeBytes} bytes`;
  return undefined;
}

function requireId(volumeId: string | undefined): string {
  if (volumeId === undefined || volumeId === '') throw new RequestRefused('volume_id', 'is required');
  return volumeId;
}
