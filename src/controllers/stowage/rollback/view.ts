import type { VolumeRollback, VolumeSnapshot } from '#api/generated/definitions.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';

/** What a rollback is planned from: the objects of its namespace, as they are. */
export interface RollbackView {
  claim(name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  snapshot(name: string): VolumeSnapshot | undefined;
  storageClass(name: string): StorageClass | undefined;
  /** The snapshots that a group snapshot has taken. */
  members(group: string): readonly VolumeSnapshot[];
  /** Pods that have the claim and have not ended. */
  usersOf(claimName: string): readonly Pod[];
  /** Others that are about the claim and not at their end. */
  rivals(claimName: string): readonly VolumeRollback[];
  nodes(): Iterable<Node>;
}
