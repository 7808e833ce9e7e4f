import type { VolumeGroupSnapshot, VolumeGroupSnapshotContent, VolumeSnapshot } from '#api/generated/definitions.ts';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { groupOwnerOf } from '#api/storage/group-snapshot.ts';
import { migrated } from '../../../migrated-volume.ts';

/** How groups are found: while they are not ready, by namespace, and by class (`''` for those without). */
export const GROUP_INDEXES = {
  unreadyOfNamespace: (group: VolumeGroupSnapshot): readonly string[] => (isReady(group) ? [] : [group.metadata.namespace ?? '']),
  unreadyOfClass: (group: VolumeGroupSnapshot): readonly string[] =>
    isReady(group) ? [] : [group.spec.volumeGroupSnapshotClassName ?? ''],
} as const;

/** How contents of groups are found, while there is something to be done at their driver: by it, by class, and by the volumes that are taken. */
export const GROUP_CONTENT_INDEXES = {
  openOfDriver: (content: VolumeGroupSnapshotContent): readonly string[] => (isOpen(content) ? [content.spec.driver] : []),
  openOfClass: (content: VolumeGroupSnapshotContent): readonly string[] => {
    const { volumeGroupSnapshotClassName } = content.spec;
    return volumeGroupSnapshotClassName !== undefined && isOpen(content) ? [volumeGroupSnapshotClassName] : [];
  },
  unreadyOfVolume: (content: VolumeGroupSnapshotContent): readonly string[] =>
    content.status?.readyToUse === true || (content.spec.volumeGroupSnapshotRef.uid ?? '') === ''
      ? []
      : (content.spec.source.volumeHandles ?? []).map((handle) => csiHandle(content.spec.driver, handle)),
} as const;

/** How members are found: by the uid of their group. */
export const MEMBER_INDEX = {
  group: (snapshot: VolumeSnapshot): readonly string[] => {
    const uid = groupOwnerOf(snapshot)?.uid;
    return uid === undefined ? [] : [uid];
  },
} as const;

/** How volumes are found: as their driver knows them. */
export const VOLUME_HANDLE_INDEX = {
  csiHandle: (volume: PersistentVolume): readonly string[] => {
    const { csi } = migrated(volume).spec;
    return csi === undefined ? [] : [csiHandle(csi.driver, csi.volumeHandle)];
  },
} as const;

/** A volume of a driver, for indexes. */
export function csiHandle(driverName: string, volumeHandle: string): string {
  return `${driverName} ${volumeHandle}`;
}

function isReady({ status }: VolumeGroupSnapshot): boolean {
  return status?.readyToUse === true;
}

function isOpen(content: VolumeGroupSnapshotContent): boolean {
  return content.status?.readyToUse !== true || isDeleting(content);
}
