import type { VolumeSnapshot, VolumeSnapshotContent } from '#api/generated/definitions.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { formatKey } from '#api/meta/object.ts';
import { claimKeyOfSnapshot } from '#api/storage/snapshot.ts';

/** How contents are found, while there is something to be done at their driver. */
export const CONTENT_INDEXES = {
  openOfDriver: (content: VolumeSnapshotContent): readonly string[] => (isOpen(content) ? [content.spec.driver] : []),
  openOfClass: (content: VolumeSnapshotContent): readonly string[] => {
    const { volumeSnapshotClassName } = content.spec;
    return volumeSnapshotClassName !== undefined && isOpen(content) ? [volumeSnapshotClassName] : [];
  },
} as const;

/** How snapshots are found: by the claim that they are of, and, while they are not ready, by claim and by class (`''` for those without). */
export const SNAPSHOT_INDEXES = {
  claim: (snapshot: VolumeSnapshot): readonly string[] => {
    const key = claimKeyOfSnapshot(snapshot);
    return key === undefined ? [] : [formatKey(key)];
  },
  unreadyOfClaim: (snapshot: VolumeSnapshot): readonly string[] => {
    const key = snapshot.status?.readyToUse === true ? undefined : claimKeyOfSnapshot(snapshot);
    return key === undefined ? [] : [formatKey(key)];
  },
  unreadyOfClass: (snapshot: VolumeSnapshot): readonly string[] =>
    snapshot.status?.readyToUse === true ? [] : [snapshot.spec.volumeSnapshotClassName ?? ''],
} as const;

function isOpen(content: VolumeSnapshotContent): boolean {
  return content.status?.readyToUse !== true || isDeleting(content);
}
