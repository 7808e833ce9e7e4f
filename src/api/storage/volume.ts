import { bytesOf } from '#kit/quantity.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../generated/kubernetes.ts';
import { STORAGE_CLASS_BETA } from './names.ts';

/** The class of `volume`; `''` for none. */
export function classOfVolume(volume: PersistentVolume): string {
  return volume.metadata.annotations?.[STORAGE_CLASS_BETA] ?? volume.spec.storageClassName ?? '';
}

/** How many bytes `volume` has. */
export function capacityBytesOf(volume: PersistentVolume): bigint {
  return bytesOf(volume.spec.capacity?.['storage'] ?? '0');
}

/** The claim that `volume` is for, as `namespace/name`; undefined where it is for none. */
export function claimKeyOf(volume: PersistentVolume): string | undefined {
  const ref = volume.spec.claimRef;
  return ref === undefined ? undefined : `${ref.namespace ?? ''}/${ref.name ?? ''}`;
}

/** True where `volume` is bound to, or reserved for, exactly this claim: same name, and same UID where it has one (IsVolumeBoundToClaim). */
export function isVolumeOfClaim(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const ref = volume.spec.claimRef;
  if (ref === undefined || ref.name !== claim.metadata.name || ref.namespace !== claim.metadata.namespace) return false;
  return (ref.uid ?? '') === '' || ref.uid === claim.metadata.uid;
}

/** True where every mode that `wanted` names is among those of `volume`. */
export function hasAccessModes(volume: PersistentVolume, wanted: readonly string[]): boolean {
  const offered = volume.spec.accessModes ?? [];
  return wanted.every((mode) => offered.includes(mode));
}

/** The reclaim policy; absent means `Retain`. */
export function reclaimPolicyOf(volume: PersistentVolume): string {
  return volume.spec.persistentVolumeReclaimPolicy ?? 'Retain';
}

/** The name of the field that says where `volume` lies, for example `csi` or `hostPath`; undefined where it has none. */
export function sourceOf(volume: PersistentVolume): string | undefined {
  return Object.entries(volume.spec).find(([field, value]) => value !== undefined && !OTHER_FIELDS.has(field))?.[0];
}

/** The fields of a PersistentVolumeSpec that are no volume source. */
const OTHER_FIELDS: ReadonlySet<string> = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]);
