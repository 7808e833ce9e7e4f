import { parseCapabilities, RequestRefused } from '#protocols/csi/request-fields.ts';
import type { CapacityRange, CreateVolumeRequest, TopologyRequirement, VolumeCapability } from '#protocols/csi/generated/messages.ts';
import { formatBytes } from '#kit/quantity.ts';
import { SizeRefused, TopologyUnreachable } from './errors.ts';
import { type ContentReference, volumeIdOf, type VolumeRecord, type VolumeType } from './volume-record.ts';

/** Key of the node's name in CSI topology segments. */
export const TOPOLOGY_KEY = 'topology.local.stowage.dev/node';

const MIB = 1n << 20n;
/** A volume without a size in its request. */
const DEFAULT_SIZE_BYTES = 1n << 30n;
/** ext4 with a journal fits (measured); smaller requests get this. */
const MIN_IMAGE_BYTES = 8n * MIB;
/** mkfs.xfs refuses less (xfsprogs 5.19 release notes). */
export const MIN_XFS_BYTES = 300n * MIB;
/** Largest file of ext4 with 4 KiB blocks, the smaller of the pools' filesystems (kernel Documentation/filesystems/ext4). */
const MAX_SIZE_BYTES = (1n << 44n) - MIB;
/** CSI 1.13 "Size Limits": string fields have at most 128 bytes. */
const MAX_NAME_BYTES = 128;
const FILESYSTEMS: ReadonlySet<string> = new Set(['ext4', 'xfs']);

/** Facts of the driver that a request is judged by. */
export interface CreateContext {
  readonly nodeName: string;
  readonly defaultType: VolumeType;
  /** What the volume is to be made from. */
  readonly source?: VolumeOrigin;
}

/** What a request has to know of the thing that a volume is made from. */
export interface VolumeOrigin {
  readonly reference: ContentReference;
  readonly type: VolumeType;
  readonly sizeBytes: bigint;
  readonly fsType?: string | undefined;
}

/** What CreateVolume asks for: a record to be. */
export type WantedVolume = Omit<VolumeRecord, 'createdAtMs'>;

/** Judges and reads a CreateVolumeRequest (CSI 1.13 "CreateVolume"). @throws RequestRefused, SizeRefused, TopologyUnreachable */
export function parseCreateRequest(request: CreateVolumeRequest, context: CreateContext): WantedVolume {
  const name = nameOf(request.name);
  const { source } = context;
  const type = parseParameters(request.parameters ?? {}, source?.type ?? context.defaultType);
  const capabilities = parseCapabilities(request.volumeCapabilities);
  const problem = incompatibility(type, capabilities);
  if (problem !== undefined) throw new RequestRefused('volume_capabilities', problem);
  if (Object.keys(request.mutableParameters ?? {}).length > 0)
    throw new RequestRefused('mutable_parameters', 'this driver has none; remove the volume attributes class');
  checkTopology(request.accessibilityRequirements, context.nodeName);
  const asked = capabilities.map((capability) => capability.mount?.fsType ?? '').find((wanted) => wanted !== '');
  const made = { type, fsType: asked, range: request.capacityRange ?? {} };
  return { id: volumeIdOf(name), name, ...(source === undefined ? emptyVolume(made) : copiedVolume(source, made)) };
}

/** What a request says about the volume itself. */
interface MadeVolume {
  readonly type: VolumeType;
  readonly fsType: string | undefined;
  readonly range: CapacityRange;
}

function emptyVolume({ type, fsType, range }: MadeVolume): Omit<WantedVolume, 'id' | 'name'> {
  return { type, sizeBytes: chooseSize(range, { type, fsType }), ...(fsType === undefined ? {} : { fsType }) };
}

/** @throws RequestRefused, SizeRefused where the volume would be something else than its source */
function copiedVolume(source: VolumeOrigin, { type, fsType: asked, range }: MadeVolume): Omit<WantedVolume, 'id' | 'name'> {
  if (type !== source.type)
    throw new RequestRefused(
      'parameters["type"]',
      `is ${type} and the source is of type ${source.type}; use a class with the parameter type: ${source.type}`,
    );
  if (asked !== undefined && source.fsType !== undefined && asked !== source.fsType)
    throw new RequestRefused(
      'volume_capabilities',
      `fs_type ${asked} is asked for and ${source.fsType} is on the source; ask for ${source.fsType}`,
    );
  const fsType = asked ?? source.fsType;
  // why: what is on the source already is not made, so that no least size of making it counts
  const made = source.fsType === undefined ? asked : undefined;
  const sizeBytes = chooseCopySize(range, { type, fsType: made, leastBytes: source.sizeBytes });
  return { type, sizeBytes, source: source.reference, ...(fsType === undefined ? {} : { fsType }) };
}

/** The size of a volume that is made from something: never less than that has, so that nothing of it is cut off. @throws RequestRefused, SizeRefused */
function chooseCopySize(
  range: CapacityRange,
  { leastBytes, ...volume }: { readonly type: VolumeType; readonly fsType?: string | undefined; readonly leastBytes: bigint },
): bigint {
  const { required, limit } = parseRange(range);
  const least = formatBytes(leastBytes);
  if (required !== undefined && required < leastBytes)
    throw new SizeRefused(`the source has ${least} and ${formatBytes(required)} is asked for; ask for ${least} or more`);
  if (limit !== undefined && limit < leastBytes)
    throw new SizeRefused(`the source has ${least}, more than the limit of ${formatBytes(limit)}`);
  return chooseSize({ requiredBytes: required ?? leastBytes, ...(limit === undefined ? {} : { limitBytes: limit }) }, volume);
}

/** Why a volume of this type cannot have these capabilities; undefined where it can. */
export function incompatibility(type: VolumeType, capabilities: readonly VolumeCapability[]): string | undefined {
  for (const { block, mount } of capabilities) {
    if (type === 'directory' && block !== undefined)
      return 'a volume of type directory has no block device; use a class with the parameter type: file, or volumeMode Filesystem';
    const fsType = mount?.fsType ?? '';
    if (type === 'file' && fsType !== '' && !FILESYSTEMS.has(fsType))
      return `fs_type ${JSON.stringify(fsType)} is not offered; use ${[...FILESYSTEMS].join(' or ')}`;
  }
  return undefined;
}

/** The class parameter `type`; every other key is refused. Keys of `csi.storage.k8s.io/` belong to the sidecars and are skipped. @throws RequestRefused */
export function parseParameters(parameters: Readonly<Record<string, string>>, defaultType: VolumeType): VolumeType {
  let type = defaultType;
  for (const [key, value] of Object.entries(parameters)) {
    if (key.startsWith('csi.storage.k8s.io/')) continue;
    if (key !== 'type')
      throw new RequestRefused(
        `parameters[${JSON.stringify(key)}]`,
        'is not known; the only parameter is type (file or directory), keys are case-sensitive',
      );
    if (value !== 'file' && value !== 'directory')
      throw new RequestRefused('parameters["type"]', `${JSON.stringify(value)} is not a type; use file or directory`);
    type = value;
  }
  return type;
}

/** The size of a new volume: what is required, rounded up to whole MiB. @throws RequestRefused, SizeRefused */
export function chooseSize(range: CapacityRange, volume: { readonly type: VolumeType; readonly fsType?: string | undefined }): bigint {
  const { required, limit } = parseRange(range);
  const least = volume.type === 'file' ? MIN_IMAGE_BYTES : MIB;
  const wanted = required ?? smaller(DEFAULT_SIZE_BYTES, limit);
  const rounded = ((wanted + MIB - 1n) / MIB) * MIB;
  const size = rounded < least ? least : rounded;
  if (volume.fsType === 'xfs' && volume.type === 'file' && size < MIN_XFS_BYTES) {
    throw new SizeRefused(`${formatBytes(size)} is too small for xfs; ask for ${formatBytes(MIN_XFS_BYTES)} or more, or use ext4`, {
      sizeBytes: String(size),
    });
  }
  if (limit !== undefined && size > limit) {
    throw new SizeRefused(
      `the limit of ${formatBytes(limit)} is less than ${formatBytes(size)}, the smallest volume of at least ${formatBytes(wanted)}; volumes have whole MiB`,
      {
        limitBytes: String(limit),
      },
    );
  }
  if (size > MAX_SIZE_BYTES) throw new SizeRefused(`${formatBytes(size)} is more than a volume can have (${formatBytes(MAX_SIZE_BYTES)})`);
  return size;
}

/** What of `freeBytes` volumes can have, and the largest of them. */
export function sizesIn(freeBytes: bigint): { readonly availableCapacity: bigint; readonly maximumVolumeSize: bigint } {
  const whole = (freeBytes / MIB) * MIB;
  return { availableCapacity: whole, maximumVolumeSize: whole < MAX_SIZE_BYTES ? whole : MAX_SIZE_BYTES };
}

/** Whether a size fits a range (CSI 1.13 "CapacityRange"). @throws RequestRefused where the range is none */
export function isInRange(sizeBytes: bigint, range: CapacityRange): boolean {
  const { required, limit } = parseRange(range);
  return sizeBytes >= (required ?? 0n) && (limit === undefined || sizeBytes <= limit);
}

/** Zero is "not set" in protobuf. @throws RequestRefused */
export function parseRange(range: CapacityRange): { readonly required: bigint | undefined; readonly limit: bigint | undefined } {
  const required = range.requiredBytes ?? 0n;
  const limit = range.limitBytes ?? 0n;
  if (required < 0n || limit < 0n) throw new RequestRefused('capacity_range', 'sizes cannot be negative');
  if (limit > 0n && required > limit)
    throw new RequestRefused('capacity_range', `required_bytes ${required} is more than limit_bytes ${limit}`);
  return { required: required === 0n ? undefined : required, limit: limit === 0n ? undefined : limit };
}

/** Refuses every class parameter but those of the sidecars. @throws RequestRefused */
export function refuseForeignParameters(parameters: Readonly<Record<string, string>>, why: string): void {
  const foreign = Object.keys(parameters).find((key) => !key.startsWith('csi.storage.k8s.io/'));
  if (foreign !== undefined) throw new RequestRefused(`parameters[${JSON.stringify(foreign)}]`, `is not known; ${why}`);
}

/** The name of something to be made. @throws RequestRefused */
export function nameOf(name: string | undefined): string {
  if (name === undefined || name === '') throw new RequestRefused('name', 'is required');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw new RequestRefused('name', `is longer than ${MAX_NAME_BYTES} bytes`);
  return name;
}

function checkTopology(wanted: TopologyRequirement | undefined, nodeName: string): void {
  const requisite = wanted?.requisite ?? [];
  if (requisite.length > 0 && !requisite.some((topology) => (topology.segments?.[TOPOLOGY_KEY] ?? nodeName) === nodeName))
    throw new TopologyUnreachable(nodeName);
}

function smaller(size: bigint, limit: bigint | undefined): bigint {
  return limit !== undefined && limit < size ? limit : size;
}
