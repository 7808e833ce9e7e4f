import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';

/** What a swap is planned from: claims and pods of one namespace, and volumes, as they are. */
export interface SwapView {
  claim(name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  /** Pods that have the claim and have not ended. */
  usersOf(claimName: string): readonly Pod[];
}
