import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { type Finding, type Words, words } from '#api/explanation.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { classOfClaim } from '#api/storage/claim.ts';
import { capacityBytesOf, isVolumeOfClaim } from '#api/storage/volume.ts';
import { whyVolumeUnfit } from '#api/storage/volume-reason.ts';
import { findMatchingVolume } from '../../cluster/binding/find-matching-volume.ts';
import type { Cluster } from './cluster.ts';
import { EVERYWHERE } from './cluster-parts.ts';

/** Volumes that are listed one by one; of more only the number is told. */
const MAX_VOLUMES = 20;

interface Candidate {
  readonly volume: PersistentVolume;
  readonly reason: Words | undefined;
}

/** The volumes that come nearest to what the claim asks for, each with the reason against it, and how many others there are. */
export function volumeFindings(claim: PersistentVolumeClaim, cluster: Cluster): readonly Finding[] {
  const shown = nearestVolumes(claim, cluster)
    .map((volume) => ({ volume, reason: whyVolumeUnfit(claim, volume) }))
    .toSorted(byCapacity);
  const findings = shown.map(({ volume, reason }) => ({
    subject: `persistentvolume ${volume.metadata.name}`,
    words: reason ?? words('fits'),
  }));
  const unbound = cluster.volumes.countByIndex('unbound', EVERYWHERE);
  const unboundShown = shown.filter(({ volume }) => !isBound(volume)).length;
  const rest = unbound - unboundShown;
  const bound = cluster.volumes.size - unbound - (shown.length - unboundShown);
  const subject = 'persistentvolumes';
  return [
    ...findings,
    ...(rest === 0 ? [] : [{ subject, words: words('moreUnfit', { count: String(rest) }) }]),
    ...(bound === 0 ? [] : [{ subject, words: words(bound === 1 ? 'oneBound' : 'manyBound', { count: String(bound) }) }]),
  ];
}

/** Those that are kept for the claim, that which fits, the largest of its class, and of what else is nobody's what there is room to tell. */
function nearestVolumes(claim: PersistentVolumeClaim, { volumes, scheduling }: Cluster): readonly PersistentVolume[] {
  const fitting = findMatchingVolume(claim, scheduling.index);
  const className = classOfClaim(claim);
  const kept = volumes.byIndex('claim', formatKey(keyOf(claim)));
  const all = [
    ...kept.filter((volume) => !isBound(volume) || isVolumeOfClaim(volume, claim)),
    ...(fitting === undefined ? [] : [fitting]),
    ...scheduling.index.nearest(className, MAX_VOLUMES),
    ...volumes.byIndex('unbound', className, MAX_VOLUMES),
    ...volumes.byIndex('unbound', EVERYWHERE, MAX_VOLUMES),
  ];
  return [...new Map(all.map((volume) => [volume.metadata.name, volume])).values()].slice(0, MAX_VOLUMES);
}

/** A volume that is somebody else's never was a candidate. */
function isBound({ status }: PersistentVolume): boolean {
  return status?.phase === 'Bound';
}

/** Those that fit first, then free ones, then by size: what is nearest to a solution stands first. */
function byCapacity(a: Candidate, b: Candidate): number {
  const rank = ({ volume, reason }: Candidate): number => (reason === undefined ? 0 : 2) + (volume.spec.claimRef === undefined ? 0 : 1);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  const difference = capacityBytesOf(a.volume) - capacityBytesOf(b.volume);
  return difference === 0n ? a.volume.metadata.name.localeCompare(b.volume.metadata.name) : Number(difference > 0n) * 2 - 1;
}
