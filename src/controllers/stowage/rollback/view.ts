import type { VolumeRollback, VolumeSnapshot } from '#api/generated/definitions.ts';
import type { Node, StorageClass } from '#api/generated/kubernetes.ts';
import type { SwapView } from '../claim-swap/swap-view.ts';

/** What a rollback is planned from: the objects of its namespace, as they are. */
export interface RollbackView extends SwapView {
  snapshot(name: string): VolumeSnapshot | undefined;
  storageClass(name: string): StorageClass | undefined;
  /** The snapshots that a group snapshot has taken. */
  members(group: string): readonly VolumeSnapshot[];
  /** Others that are about the claim and not at their end. */
  rivals(claimName: string): readonly VolumeRollback[];
  nodes(): Iterable<Node>;
}
