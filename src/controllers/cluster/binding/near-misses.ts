import { wordsText } from '#api/explanation.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { classOfClaim } from '#api/storage/claim.ts';
import { whyVolumeUnfit } from '#api/storage/volume-reason.ts';
import type { VolumeIndex } from './volume-index.ts';

/** A volume that will not do, and why. */
export interface NearMiss {
  readonly volumeName: string;
  readonly reason: string;
}

/** Volumes that an event tells of. */
const MAX_NEAR_MISSES = 3;

/** Available volumes of the claim's class that come nearest to what it asks for: by the same reasons as `stowage explain`, found by the index. */
export function nearMisses(claim: PersistentVolumeClaim, index: VolumeIndex): readonly NearMiss[] {
  return index.nearest(classOfClaim(claim), MAX_NEAR_MISSES).flatMap((volume) => {
    const reason = whyVolumeUnfit(claim, volume);
    return reason === undefined ? [] : [{ volumeName: volume.metadata.name, reason: wordsText(reason, 'en') }];
  });
}
