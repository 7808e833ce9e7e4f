import type * as csi from '#protocols/csi/generated/messages.ts';
import { driverError } from '#testing/fakes/fake-driver.ts';

/** A volume at its backend. */
export interface SimVolume {
  readonly id: string;
  readonly name: string;
  readonly isExclusive: boolean;
  readonly source: string | undefined;
  /** Nobody else's, also when another is made under the same id after it. */
  readonly serial: number;
  /** Of what it was copied from. */
  readonly sourceSerial: number | undefined;
  /** What is written in it, by file. */
  readonly files: Map<string, string>;
  sizeBytes: bigint;
  /** Of its file system; 0 = it has none yet. */
  fileSystemBytes: bigint;
  attributes: Readonly<Record<string, string>>;
  /** Nodes that it is attached to, by name. */
  readonly attachedTo: Set<string>;
}

/** A snapshot at its backend. */
export interface SimSnapshot {
  readonly id: string;
  readonly name: string;
  readonly sourceVolumeId: string;
  readonly sizeBytes: bigint;
  /** Of what it was taken of. */
  readonly serial: number;
  /** What the volume held then, by file. */
  readonly files: ReadonlyMap<string, string>;
}

/** A group of snapshots at its backend. */
export interface SimGroup {
  readonly id: string;
  readonly volumeIds: readonly string[];
  readonly snapshotIds: readonly string[];
}

/** What a simulation hears of a pool. */
export interface PoolListener {
  /** A volume is made under a name; answers its serial, which no other has. */
  onMake(name: string): number;
  /** A volume is about to be deleted at the backend. */
  onDelete(driverName: string, volume: SimVolume): void;
  /** Somebody asked for what must never be asked for. */
  onMisuse(what: string): void;
}

/** Where a pool lies and what it holds. */
export interface SimPoolOptions {
  readonly driverName: string;
  readonly sizeBytes: bigint;
  readonly volumeIdOf: (name: string) => string;
  readonly listener: PoolListener;
}

const EXCLUSIVE: ReadonlySet<string> = new Set([
  'SINGLE_NODE_WRITER',
  'SINGLE_NODE_READER_ONLY',
  'SINGLE_NODE_SINGLE_WRITER',
  'SINGLE_NODE_MULTI_WRITER',
]);

/** The durable part of a driver: its volumes and snapshots, and how much room there is. */
export class SimPool {
  readonly volumes = new Map<string, SimVolume>();
  /** They take no room. */
  readonly snapshots = new Map<string, SimSnapshot>();
  readonly groups = new Map<string, SimGroup>();
  readonly driverName: string;
  readonly listener: PoolListener;
  readonly #sizeBytes: bigint;
  readonly #volumeIdOf: (name: string) => string;
  /** Somebody else took all that is free. */
  isFull = false;

  constructor({ driverName, sizeBytes, volumeIdOf, listener }: SimPoolOptions) {
    this.driverName = driverName;
    this.listener = listener;
    this.#sizeBytes = sizeBytes;
    this.#volumeIdOf = volumeIdOf;
  }

  get freeBytes(): bigint {
    if (this.isFull) return 0n;
    return [...this.volumes.values()].reduce((free, { sizeBytes }) => free - sizeBytes, this.#sizeBytes);
  }

  /** CSI 1.13 "CreateVolume": idempotent by name. @throws PlatformError */
  create(request: csi.CreateVolumeRequest): SimVolume {
    const { name = '' } = request;
    const sizeBytes = request.capacityRange?.requiredBytes ?? 0n;
    const { volume, snapshot } = request.volumeContentSource ?? {};
    const source = volume?.volumeId ?? snapshot?.snapshotId;
    const known = this.volumes.get(this.#volumeIdOf(name));
    if (known === undefined) return this.#make(request, { sizeBytes, copied: this.#sourceOf(request) });
    if (known.sizeBytes < sizeBytes || known.source !== source) throw driverError('AlreadyExists', `${name} exists, and is another`);
    return known;
  }

  #sourceOf({ volumeContentSource: { volume, snapshot } = {} }: csi.CreateVolumeRequest): SimVolume | SimSnapshot | undefined {
    if (snapshot !== undefined) return this.findSnapshot(snapshot.snapshotId);
    return volume === undefined ? undefined : this.find(volume.volumeId);
  }

  #make(
    { name = '', volumeCapabilities = [], mutableParameters: attributes = {} }: csi.CreateVolumeRequest,
    { sizeBytes, copied }: { readonly sizeBytes: bigint; readonly copied: SimVolume | SimSnapshot | undefined },
  ): SimVolume {
    this.#checkRoom(sizeBytes, copied);
    const volume: SimVolume = {
      id: this.#volumeIdOf(name),
      name,
      isExclusive: volumeCapabilities.every(({ accessMode }) => EXCLUSIVE.has(accessMode?.mode ?? '')),
      serial: this.listener.onMake(name),
      source: copied?.id,
      sourceSerial: copied?.serial,
      files: new Map(copied?.files),
      sizeBytes,
      fileSystemBytes: copied !== undefined && 'fileSystemBytes' in copied ? copied.fileSystemBytes : 0n,
      attributes,
      attachedTo: new Set(),
    };
    this.volumes.set(volume.id, volume);
    return volume;
  }

  /** @throws PlatformError `NotFound` */
  find(volumeId: string | undefined): SimVolume {
    const volume = this.volumes.get(volumeId ?? '');
    if (volume === undefined) throw driverError('NotFound', `no volume ${volumeId}`);
    return volume;
  }

  /** CSI 1.13 "ControllerExpandVolume". @throws PlatformError */
  grow(volumeId: string | undefined, requiredBytes: bigint): SimVolume {
    const volume = this.find(volumeId);
    if (requiredBytes <= volume.sizeBytes) return volume;
    if (requiredBytes - volume.sizeBytes > this.freeBytes) throw driverError('ResourceExhausted', 'the pool is full');
    volume.sizeBytes = requiredBytes;
    return volume;
  }

  /** CSI 1.13 "DeleteVolume": what is not there is deleted. */
  delete(volumeId: string): void {
    const volume = this.volumes.get(volumeId);
    if (volume === undefined) return;
    if (volume.attachedTo.size > 0) throw driverError('FailedPrecondition', `${volumeId} is attached`);
    this.listener.onDelete(this.driverName, volume);
    this.volumes.delete(volumeId);
  }

  /** CSI 1.13 "CreateSnapshot": idempotent by name. @throws PlatformError */
  takeSnapshot({ name = '', sourceVolumeId = '' }: csi.CreateSnapshotRequest): SimSnapshot {
    const id = this.#volumeIdOf(name);
    const known = this.snapshots.get(id);
    if (known !== undefined) {
      if (known.sourceVolumeId !== sourceVolumeId) throw driverError('AlreadyExists', `${name} is of another volume`);
      return known;
    }
    return this.#take({ id, name, sourceVolumeId });
  }

  #take({ id, name, sourceVolumeId }: Pick<SimSnapshot, 'id' | 'name' | 'sourceVolumeId'>): SimSnapshot {
    const { sizeBytes, serial, files } = this.find(sourceVolumeId);
    const taken = { id, name, sourceVolumeId, sizeBytes, serial, files: new Map(files) };
    this.snapshots.set(id, taken);
    return taken;
  }

  /** CSI 1.13 "CreateVolumeGroupSnapshot": idempotent by name, of all volumes or of none. @throws PlatformError */
  takeGroup({ name = '', sourceVolumeIds = [] }: csi.CreateVolumeGroupSnapshotRequest): SimGroup {
    const id = this.#volumeIdOf(`group ${name}`);
    const known = this.groups.get(id);
    if (known !== undefined) {
      if (new Set(known.volumeIds).symmetricDifference(new Set(sourceVolumeIds)).size > 0)
        throw driverError('AlreadyExists', `${name} is of other volumes`);
      return known;
    }
    for (const volumeId of sourceVolumeIds) this.find(volumeId);
    const members = sourceVolumeIds.map((sourceVolumeId) =>
      this.#take({ id: this.#volumeIdOf(`${id} ${sourceVolumeId}`), name, sourceVolumeId }),
    );
    const group = { id, volumeIds: sourceVolumeIds, snapshotIds: members.map((member) => member.id) };
    this.groups.set(id, group);
    return group;
  }

  /** CSI 1.13 "DeleteSnapshot": what is not there is deleted; what came with a group goes with it. @throws PlatformError `FailedPrecondition` */
  deleteSnapshot(snapshotId: string): void {
    if ([...this.groups.values()].some(({ snapshotIds }) => snapshotIds.includes(snapshotId)))
      throw driverError('FailedPrecondition', `${snapshotId} is of a group`);
    this.snapshots.delete(snapshotId);
  }

  /** @throws PlatformError `NotFound` */
  findSnapshot(snapshotId: string | undefined): SimSnapshot {
    const snapshot = this.snapshots.get(snapshotId ?? '');
    if (snapshot === undefined) throw driverError('NotFound', `no snapshot ${snapshotId}`);
    return snapshot;
  }

  #checkRoom(sizeBytes: bigint, source: Pick<SimVolume, 'id' | 'sizeBytes'> | undefined): void {
    if (source !== undefined && source.sizeBytes > sizeBytes) throw driverError('OutOfRange', `${source.id} is larger than ${sizeBytes}`);
    if (sizeBytes > this.freeBytes) throw driverError('ResourceExhausted', `${this.freeBytes} bytes are free of ${sizeBytes} needed`);
  }
}
