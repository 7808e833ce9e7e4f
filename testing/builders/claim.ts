import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimStatus } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { draftMeta, type MetaOverrides, stored, type StoredOverrides } from './metadata.ts';

/** What a test wants of a claim. */
export interface ClaimOverrides extends MetaOverrides {
  /** Default `10Mi`. */
  readonly size?: string;
  readonly accessModes?: readonly string[];
  readonly storageClassName?: string;
  readonly volumeName?: string;
  /** More of the spec. */
  readonly spec?: Partial<PersistentVolumeClaimSpec>;
  readonly status?: PersistentVolumeClaimStatus;
}

/** A claim to create: `default/data`, ReadWriteOnce, 10Mi, no class named. */
export function aClaim(overrides: ClaimOverrides = {}): Draft<PersistentVolumeClaim> {
  const { size = '10Mi', accessModes = ['ReadWriteOnce'], storageClassName, volumeName, spec, status } = overrides;
  return {
    metadata: draftMeta({ name: 'data', namespace: 'default' }, overrides),
    spec: {
      accessModes,
      resources: { requests: { storage: size } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
      ...(volumeName === undefined ? {} : { volumeName }),
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** The same claim as the server would have stored it. */
export function aStoredClaim(overrides: ClaimOverrides & StoredOverrides = {}): PersistentVolumeClaim {
  return stored({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }, aClaim(overrides), overrides);
}
