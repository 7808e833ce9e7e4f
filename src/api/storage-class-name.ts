import type { PersistentVolume, PersistentVolumeClaim } from './generated/kubernetes.ts';

/** The annotation by which a class was named before the field existed; it wins over the field. */
const BETA_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** The class of a claim: undefined = none named, so that the default applies; `''` = no class on purpose. */
export function claimClassName(claim: Pick<PersistentVolumeClaim, 'metadata' | 'spec'>): string | undefined {
  return claim.metadata.annotations?.[BETA_ANNOTATION] ?? claim.spec.storageClassName;
}

/** The class of a volume; `''` where it has none. */
export function volumeClassName(volume: Pick<PersistentVolume, 'metadata' | 'spec'>): string {
  return volume.metadata.annotations?.[BETA_ANNOTATION] ?? volume.spec.storageClassName ?? '';
}
