import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { translateVolume } from '#api/storage/in-tree/translate-volume.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { md5 } from '#kit/md5.ts';
import type { Informer } from '#machinery/client/informer.ts';

/** The volume as a CSI driver knows it, also where its source was part of Kubernetes once. To be looked at, never to be written back. */
export function migrated(volume: PersistentVolume): PersistentVolume;
export function migrated(volume: PersistentVolume | undefined): PersistentVolume | undefined;
export function migrated(volume: PersistentVolume | undefined): PersistentVolume | undefined {
  return volume === undefined ? undefined : translateVolume(volume, md5);
}

/** The CSI driver of the volume that `claim` names; undefined where there is none. */
export function driverOfClaim(volumes: Informer<PersistentVolume>, claim: PersistentVolumeClaim | undefined): string | undefined {
  const name = claim === undefined ? '' : volumeNameOf(claim);
  return name === '' ? undefined : migrated(volumes.get({ namespace: '', name }))?.spec.csi?.driver;
}
