import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { volumeModeOf } from '#api/storage/claim.ts';
import { capacityBytesOf, classOfVolume } from '#api/storage/volume.ts';
import { compareText, SortedList } from '#kit/sorted-list.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { persistentVolumes } from '#api/resources.ts';
import { VOLUME_INDEXES } from '../../indexes.ts';
import { compareModes, modesKey, type VolumeGroup, type VolumePool } from './find-matching-volume.ts';

/**
 * Available volumes by class, mode and set of access modes, each group sorted by size: a claim finds its volume in the logarithm of their number.
 * Follows the informer's changes. A volume that a reconcile has chosen is out until the choice is written or dropped.
 */
export class VolumeIndex implements VolumePool {
  readonly #informer: Informer<PersistentVolume>;
  readonly #places = new Map<string, Place>();
  readonly #classes = new Map<string, SortedGroup[]>();
  readonly #chosen = new Set<string>();
  /** Keys of claims whose volumes are being reserved together with those of others. */
  readonly #held = new Set<string>();
  #wake: (claimKey: string) => void = () => {};

  constructor(informer: Informer<PersistentVolume>) {
    informer.addIndexes(VOLUME_INDEXES);
    this.#informer = informer;
    for (const volume of informer.all()) this.#put(volume);
    // why: the index lives as long as the informer, so the subscription is never disposed
    informer.subscribe({ onUpsert: (volume) => this.#put(volume), onDelete: (volume) => this.#remove(volume.metadata.name) });
  }

  reservedFor(claimKey: string): readonly PersistentVolume[] {
    return this.#informer.byIndex('claim', claimKey);
  }

  available(className: string, volumeMode: string): Iterable<VolumeGroup> {
    return this.#classes.get(classKey(className, volumeMode)) ?? [];
  }

  /** Of each kind of available volume of the class the largest: what comes nearest to a claim that found none. At most `limit`. */
  nearest(className: string, limit: number): readonly PersistentVolume[] {
    const groups = ['Filesystem', 'Block'].flatMap((volumeMode) => this.#classes.get(classKey(className, volumeMode)) ?? []);
    const found = groups.flatMap((group) => group.largest() ?? []);
    return found.toSorted((a, b) => Number(capacityBytesOf(b) > capacityBytesOf(a)) * 2 - 1).slice(0, limit);
  }

  /** True where nobody has chosen `volume` and it could be given to a claim. */
  isAvailable(volume: PersistentVolume): boolean {
    return this.#places.has(volume.metadata.name) && !this.#chosen.has(volume.metadata.name);
  }

  /** True where a reconcile has chosen `volume` and its writes are under way. */
  isChosen({ metadata }: PersistentVolume): boolean {
    return this.#chosen.has(metadata.name);
  }

  /** Takes `volume` out of the others' sight until the answer is called. Safety does not rest on this: the write itself is refused where another was first. */
  choose(volume: PersistentVolume): () => void {
    const { name } = volume.metadata;
    this.#chosen.add(name);
    return () => this.#chosen.delete(name);
  }

  /**
   * Keeps binding away from these claims until the answer is called: their volumes are reserved one after another, and none is to be bound before all are.
   * After a crash in between, what is reserved is bound: then the claims' pod goes where those volumes are.
   */
  hold(claimKeys: readonly string[]): () => void {
    for (const key of claimKeys) this.#held.add(key);
    return () => {
      for (const key of claimKeys) {
        this.#held.delete(key);
        this.#wake(key);
      }
    };
  }

  /** True while `hold` keeps binding away from the claim. */
  isHeld(claimKey: string): boolean {
    return this.#held.has(claimKey);
  }

  /** Where keys of claims go that are held no longer; answers a disposer. */
  onRelease(wake: (claimKey: string) => void): () => void {
    this.#wake = wake;
    return () => {
      this.#wake = () => {};
    };
  }

  #put(volume: PersistentVolume): void {
    this.#remove(volume.metadata.name);
    if (volume.spec.claimRef !== undefined || volume.status?.phase !== 'Available' || volume.metadata.deletionTimestamp !== undefined)
      return;
    const { name } = volume.metadata;
    const place = { name, volume, sizeBytes: capacityBytesOf(volume), group: this.#groupOf(volume) };
    this.#places.set(name, place);
    place.group.insert(place);
  }

  #remove(name: string): void {
    const place = this.#places.get(name);
    if (place === undefined) return;
    this.#places.delete(name);
    place.group.remove(place);
  }

  #groupOf(volume: PersistentVolume): SortedGroup {
    const key = classKey(classOfVolume(volume), volumeModeOf(volume.spec));
    const groups = this.#classes.get(key) ?? [];
    const modes = [...new Set(volume.spec.accessModes)].toSorted();
    const known = groups.find((group) => modesKey(group.modes) === modesKey(modes));
    if (known !== undefined) return known;
    const group = new SortedGroup(modes, this.#chosen);
    this.#classes.set(
      key,
      [...groups, group].toSorted((a, b) => compareModes(a.modes, b.modes)),
    );
    return group;
  }
}

/** The index of the factory's volumes: ask for it by `informers.shared`, so that all see each other's choices. */
export function indexVolumes(informers: InformerFactory): VolumeIndex {
  return new VolumeIndex(informers.for(persistentVolumes));
}

/** Where a volume stands among those of its group. */
interface Rank {
  readonly sizeBytes: bigint;
  readonly name: string;
}

interface Place extends Rank {
  readonly volume: PersistentVolume;
  readonly group: SortedGroup;
}

class SortedGroup implements VolumeGroup {
  readonly modes: readonly string[];
  readonly #hidden: ReadonlySet<string>;
  readonly #places = new SortedList<Place, Rank>(compareRanks);

  constructor(modes: readonly string[], hidden: ReadonlySet<string>) {
    this.modes = modes;
    this.#hidden = hidden;
  }

  *from(sizeBytes: bigint): Iterable<PersistentVolume> {
    for (const { name, volume } of this.#places.from({ sizeBytes, name: '' })) if (!this.#hidden.has(name)) yield volume;
  }

  largest(): PersistentVolume | undefined {
    return this.#places.last()?.volume;
  }

  insert(place: Place): void {
    this.#places.add(place);
  }

  remove(place: Place): void {
    this.#places.delete(place);
  }
}

function compareRanks(a: Rank, b: Rank): number {
  if (a.sizeBytes !== b.sizeBytes) return a.sizeBytes < b.sizeBytes ? -1 : 1;
  return compareText(a.name, b.name);
}

function classKey(className: string, volumeMode: string): string {
  return `${volumeMode}/${className}`;
}
