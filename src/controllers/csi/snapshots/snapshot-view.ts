import type { VolumeGroupSnapshot, VolumeSnapshotClass, VolumeSnapshotContent } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';

/** What the plan looks at beside the snapshot. */
export interface SnapshotView {
  /** The content that it names, or that was made for it. */
  readonly content: VolumeSnapshotContent | undefined;
  readonly claim: PersistentVolumeClaim | undefined;
  /** Of the claim; as the CSI driver knows it that took over. */
  readonly volume: PersistentVolume | undefined;
  /** The class that it names. */
  readonly snapshotClass: VolumeSnapshotClass | undefined;
  /** Classes that snapshots of this driver get which name none. */
  readonly defaultsFor: (driverName: string) => readonly VolumeSnapshotClass[];
  /** The group that it is a member of; undefined where it is of none, or the group has gone. */
  readonly group: VolumeGroupSnapshot | undefined;
  /** Claims that are to be filled from it and have no volume yet. */
  readonly restores: readonly PersistentVolumeClaim[];
}
