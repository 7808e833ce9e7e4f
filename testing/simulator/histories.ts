import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { grantedBytesOf } from '#api/storage/growth.ts';
import { provisionedNameOf } from '#api/storage/names.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import { CLAIM_OF_SET } from './set-actors.ts';
import type { SimVolume } from './sim-pool.ts';
import type { World } from './world.ts';

/** Before the uid of the claim, in the name that a driver gets. */
const VOLUME_PREFIX = provisionedNameOf('');

/** What is durable now of claims and volumes. */
export interface Stock {
  readonly claims: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly pods: readonly Pod[];
}

/** What goes one way only, or must not change at all: looked at after each step, and compared with what was seen before. */
export class Histories {
  readonly #world: World;
  readonly #claimNames = new Map<string, string>();
  /** Of the volume at the backend, by the name of the object that tells of it. */
  readonly #serials = new Map<string, number>();
  readonly #sizes = new Map<string, bigint>();
  /** Claims that their set retains whatever becomes of it. */
  readonly #retained = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  check({ claims, volumes, pods }: Stock): readonly string[] {
    const podNames = new Set(pods.map(({ metadata }) => metadata.name));
    // why both: a claim whose pod was never made, or that its set had no time to mark, stays, as in every cluster
    for (const { metadata } of claims) {
      const isOwned = metadata.ownerReferences?.some(({ kind }) => kind === 'StatefulSet') === true;
      if (isOwned && podNames.has(metadata.name.slice(CLAIM_OF_SET.length + 1))) this.#world.ownedClaims.add(metadata.uid);
    }
    for (const { metadata } of claims) this.#claimNames.set(metadata.uid, metadata.name);
    const byName = new Map(volumes.map((volume) => [volume.metadata.name, volume]));
    return [
      ...volumes.flatMap((volume) => this.#backend(volume)),
      ...claims.flatMap((claim) => this.#claim(claim, byName.get(claim.spec.volumeName ?? ''))),
      ...this.#setClaims(claims),
    ];
  }

  /** The volume that an object tells of stays the same, with all that pods have written. */
  #backend(object: PersistentVolume): readonly string[] {
    const { name, deletionTimestamp } = object.metadata;
    const volume = this.#world.volumeOf(object);
    if (volume === undefined || deletionTimestamp !== undefined || object.status?.phase !== 'Bound') return [];
    const serial = this.#serials.get(name) ?? volume.serial;
    this.#serials.set(name, serial);
    const lost = [...(this.#world.written.get(volume.id) ?? [])].filter((file) => !volume.files.has(file));
    return [
      ...(serial === volume.serial ? [] : [`the volume of ${name} is another than it was`]),
      ...(lost.length === 0 ? [] : [`${lost.length} files that pods wrote into ${name} are gone`]),
      ...this.#grows(`the capacity of ${name}`, capacityBytesOf(object)),
      ...(capacityBytesOf(object) <= volume.sizeBytes ? [] : [`${name} is said to be larger than its volume`]),
    ];
  }

  #claim(claim: PersistentVolumeClaim, object: PersistentVolume | undefined): readonly string[] {
    const { name, uid } = claim.metadata;
    if (claim.status?.phase !== 'Bound' || object === undefined) return [];
    const volume = this.#world.volumeOf(object);
    return [
      ...this.#grows(`what ${name} (${uid}) has`, grantedBytesOf(claim)),
      ...(grantedBytesOf(claim) <= capacityBytesOf(object) ? [] : [`${name} is said to have more than ${object.metadata.name}`]),
      ...(volume === undefined ? [] : this.#copy(claim, volume)),
    ];
  }

  /** A copy has the content of a volume of the claim that it names. */
  #copy({ metadata, spec }: PersistentVolumeClaim, { sourceSerial }: SimVolume): readonly string[] {
    if (spec.dataSource?.kind !== 'PersistentVolumeClaim') return [];
    if (sourceSerial === undefined) return [`${metadata.name} is to be a copy of ${spec.dataSource.name}, and is a copy of nothing`];
    const sourceName = this.#claimNames.get(this.#world.madeNames[sourceSerial]?.slice(VOLUME_PREFIX.length) ?? '');
    return sourceName === spec.dataSource.name
      ? []
      : [`${metadata.name} is to be a copy of ${spec.dataSource.name}, and is one of ${sourceName}`];
  }

  #grows(what: string, bytes: bigint): readonly string[] {
    const before = this.#sizes.get(what) ?? 0n;
    this.#sizes.set(what, bytes);
    return bytes < before ? [`${what} went from ${before} to ${bytes}`] : [];
  }

  #setClaims(claims: readonly PersistentVolumeClaim[]): readonly string[] {
    const kept = claims.filter(({ metadata }) => metadata.name.startsWith(`${CLAIM_OF_SET}-w-`));
    for (const { metadata } of kept) this.#retained.set(metadata.uid, metadata.name);
    const there = new Set(kept.flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [metadata.uid] : [])));
    return [...this.#retained].flatMap(([uid, name]) => (there.has(uid) ? [] : [`${name} is retained by its set, and is deleted`]));
  }
}
