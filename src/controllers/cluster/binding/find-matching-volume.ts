import type { Node, PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { attributesClassOf, classOfClaim, requestedBytesOf, volumeModeOf } from '#api/storage/claim.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { capacityBytesOf, hasAccessModes, isVolumeOfClaim } from '#api/storage/volume.ts';

/** Available volumes that offer exactly the same set of access modes. */
export interface VolumeGroup {
  readonly modes: readonly string[];
  /** Volumes with at least `sizeBytes`, smallest first, then by name. */
  from(sizeBytes: bigint): Iterable<PersistentVolume>;
}

/** The volumes among which a claim may find its own. */
export interface VolumePool {
  /** Volumes whose claimRef names this claim (`namespace/name`), whatever its UID. */
  reservedFor(claimKey: string): readonly PersistentVolume[];
  /** Groups of Available volumes without a claimRef, of one class and volume mode; those with fewer access modes first. */
  available(className: string, volumeMode: string): Iterable<VolumeGroup>;
}

/** For whom the match is made. */
export interface MatchOptions {
  /** True where the claim waits for its first consumer and the scheduler has not spoken: only a volume reserved for it will do. */
  readonly isDelayed?: boolean;
}

/**
 * The volume that `claim` is to be bound to, as upstream's PV controller chooses it (persistentVolumeOrderedIndex.findByClaim and FindMatchingVolume):
 * among the sets of access modes that contain every requested one, the smallest set that has a match wins; inside it a volume reserved for the claim,
 * else the smallest that is large enough. Where upstream leaves the choice to map order, the first by name is taken. Pure.
 */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  pool: VolumePool,
  options: MatchOptions = {},
): PersistentVolume | undefined {
  const reserved = findReserved(claim, pool);
  if (options.isDelayed === true) return reserved;
  const wanted = claim.spec.accessModes ?? [];
  for (const group of pool.available(classOfClaim(claim), volumeModeOf(claim.spec))) {
    if (reserved !== undefined && compareModes(reserved.spec.accessModes ?? [], group.modes) <= 0) return reserved;
    if (!wanted.every((mode) => group.modes.includes(mode))) continue;
    for (const found of fitting(claim, group)) return found;
  }
  return reserved;
}

/**
 * The volumes that `claim` could be bound to on `node`, at most `limit`, best first; the first is the one that upstream's scheduler chooses: over all
 * access-mode sets the smallest that is usable there. One that is reserved for the claim is the only one, and none at all where it is not usable there. Pure.
 */
export function findVolumesOnNode(
  claim: PersistentVolumeClaim,
  pool: VolumePool,
  on: { readonly node: Node; readonly limit: number },
): readonly PersistentVolume[] {
  const reserved = findReserved(claim, pool);
  if (reserved !== undefined) return isVolumeUsableOn(reserved, on.node) ? [reserved] : [];
  const wanted = claim.spec.accessModes ?? [];
  const found: PersistentVolume[] = [];
  for (const group of pool.available(classOfClaim(claim), volumeModeOf(claim.spec))) {
    if (!wanted.every((mode) => group.modes.includes(mode))) continue;
    const usable = fitting(claim, group, (volume) => isVolumeUsableOn(volume, on.node));
    for (const volume of take(usable, on.limit)) found.push(volume);
  }
  return found.toSorted(comparePreference).slice(0, on.limit);
}

/** Orders sets of access modes: smaller sets first, then by their names. */
export function compareModes(a: readonly string[], b: readonly string[]): number {
  if (a.length !== b.length) return a.length - b.length;
  const [left, right] = [modesKey(a), modesKey(b)];
  return left < right ? -1 : Number(left > right);
}

/** One text per set of access modes, whatever their order. */
export function modesKey(modes: readonly string[]): string {
  return modes.toSorted().join(',');
}

function findReserved(claim: PersistentVolumeClaim, pool: VolumePool): PersistentVolume | undefined {
  const fitting = pool.reservedFor(formatKey(keyOf(claim))).filter((volume) => isReservedAndFits(volume, claim));
  if (fitting.length <= 1) return fitting[0];
  return fitting.reduce((best, volume) => (compareReserved(volume, best) < 0 ? volume : best));
}

function isReservedAndFits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (
    isVolumeOfClaim(volume, claim) &&
    capacityBytesOf(volume) >= requestedBytesOf(claim) &&
    volumeModeOf(volume.spec) === volumeModeOf(claim.spec) &&
    attributesClassOf(volume.spec) === attributesClassOf(claim.spec) &&
    volume.metadata.deletionTimestamp === undefined &&
    hasAccessModes(volume, claim.spec.accessModes ?? [])
  );
}

/** Access modes first as upstream tries the sets; a volume that carries the claim's UID before one that names it only, so that a begun binding is finished. */
function compareReserved(a: PersistentVolume, b: PersistentVolume): number {
  const byModes = compareModes(a.spec.accessModes ?? [], b.spec.accessModes ?? []);
  if (byModes !== 0) return byModes;
  const byUid = Number((b.spec.claimRef?.uid ?? '') !== '') - Number((a.spec.claimRef?.uid ?? '') !== '');
  return byUid === 0 ? comparePreference(a, b) : byUid;
}

function comparePreference(a: PersistentVolume, b: PersistentVolume): number {
  const [left, right] = [capacityBytesOf(a), capacityBytesOf(b)];
  if (left !== right) return left < right ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

function* fitting(
  claim: PersistentVolumeClaim,
  group: VolumeGroup,
  accepts: (volume: PersistentVolume) => boolean = () => true,
): Iterable<PersistentVolume> {
  const { selector } = claim.spec;
  for (const volume of group.from(requestedBytesOf(claim))) {
    if (attributesClassOf(volume.spec) !== attributesClassOf(claim.spec)) continue;
    if (selector !== undefined && !matchesLabelSelector(selector, volume.metadata.labels)) continue;
    if (accepts(volume)) yield volume;
  }
}

function* take<T>(items: Iterable<T>, limit: number): Iterable<T> {
  let count = 0;
  for (const item of items) {
    if ((count += 1) > limit) return;
    yield item;
    if (count === limit) return;
  }
}
