import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { translateVolume } from '#api/storage/in-tree/translate-volume.ts';
import { md5 } from '#kit/md5.ts';

/** The volume as a CSI driver knows it, also where its source was part of Kubernetes once. To be looked at, never to be written back. */
export function migrated(volume: PersistentVolume): PersistentVolume;
export function migrated(volume: PersistentVolume | undefined): PersistentVolume | undefined;
export function migrated(volume: PersistentVolume | undefined): PersistentVolume | undefined {
  return volume === undefined ? undefined : translateVolume(volume, md5);
}
