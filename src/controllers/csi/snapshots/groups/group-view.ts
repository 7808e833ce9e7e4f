import type {
  VolumeGroupSnapshotClass,
  VolumeGroupSnapshotContent,
  VolumeSnapshot,
  VolumeSnapshotContent,
} from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { Result } from '#kit/errors.ts';

/** A claim that the selector of a group matches. */
export interface SelectedClaim {
  readonly claim: PersistentVolumeClaim;
  /** As the CSI driver knows it that took over; undefined where it is not there. */
  readonly volume: PersistentVolume | undefined;
}

/** A snapshot of a group that is there. */
export interface Member {
  readonly snapshot: VolumeSnapshot;
  readonly content: VolumeSnapshotContent | undefined;
}

/** What the plan looks at beside the group. */
export interface GroupView {
  /** The content that it names, or that was made for it. */
  readonly content: VolumeGroupSnapshotContent | undefined;
  /** The class that it names. */
  readonly groupClass: VolumeGroupSnapshotClass | undefined;
  /** Classes that groups of this driver get which name none. */
  readonly defaultsFor: (driverName: string) => readonly VolumeGroupSnapshotClass[];
  /** In order of name; looked up where something is to be taken. */
  readonly selected: () => Result<readonly SelectedClaim[]>;
  readonly members: readonly Member[];
  /** Claims that are to be filled from a member and have no volume yet. */
  readonly restores: readonly PersistentVolumeClaim[];
}
