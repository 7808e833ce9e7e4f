import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec, PersistentVolumeStatus } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { draftMeta, type MetaOverrides, stored, type StoredOverrides } from './metadata.ts';

/** What a test wants of a volume. */
export interface VolumeOverrides extends MetaOverrides {
  /** Default `10Mi`. */
  readonly size?: string;
  readonly accessModes?: readonly string[];
  readonly storageClassName?: string;
  readonly reclaimPolicy?: 'Retain' | 'Delete' | 'Recycle';
  /** The claim that it is reserved for or bound to. */
  readonly claim?: PersistentVolumeClaim;
  /** A driver's name makes it a CSI volume; default a hostPath one. */
  readonly driver?: string;
  readonly spec?: Partial<PersistentVolumeSpec>;
  readonly status?: PersistentVolumeStatus;
}

/** A volume to create: `pv-1`, ReadWriteOnce, 10Mi, hostPath, Retain, no class. */
export function aVolume(overrides: VolumeOverrides = {}): Draft<PersistentVolume> {
  const {
    size = '10Mi',
    accessModes = ['ReadWriteOnce'],
    reclaimPolicy = 'Retain',
    storageClassName,
    claim,
    driver,
    spec,
    status,
  } = overrides;
  const metadata = draftMeta({ name: 'pv-1' }, overrides);
  const name = overrides.name ?? 'pv-1';
  return {
    metadata,
    spec: {
      capacity: { storage: size },
      accessModes,
      persistentVolumeReclaimPolicy: reclaimPolicy,
      ...(driver === undefined ? { hostPath: { path: `/srv/${name}` } } : { csi: { driver, volumeHandle: name } }),
      ...(storageClassName === undefined ? {} : { storageClassName }),
      ...(claim === undefined ? {} : { claimRef: referenceTo(claim) }),
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** The same volume as the server would have stored it. */
export function aStoredVolume(overrides: VolumeOverrides & StoredOverrides = {}): PersistentVolume {
  return stored({ apiVersion: 'v1', kind: 'PersistentVolume' }, aVolume(overrides), overrides);
}

function referenceTo(claim: PersistentVolumeClaim): NonNullable<PersistentVolumeSpec['claimRef']> {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
}
