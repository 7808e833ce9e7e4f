import type { DeletedClaim } from '#api/generated/definitions.ts';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { type ClaimRecord, DELETED_IN, GRACE_FINALIZER } from '#api/undelete/claim-record.ts';

/** What tells of the claim of `volume` in its namespace: named as the volume, of which there is one in all namespaces. Pure. */
export function deletedClaimDraft({ metadata, spec: { claimRef } }: PersistentVolume, record: ClaimRecord): Draft<DeletedClaim> {
  const { namespace = '', name = '' } = claimRef ?? {};
  const { metadata: kept, spec } = record.claim;
  const { storageClassName, volumeAttributesClassName } = spec;
  return {
    metadata: { name: metadata.name, namespace, finalizers: [GRACE_FINALIZER] },
    spec: {
      claimName: name,
      claimUid: record.uid,
      storage: record.storage,
      ...(storageClassName === undefined ? {} : { storageClassName }),
      ...(volumeAttributesClassName === undefined ? {} : { volumeAttributesClassName }),
      deletedAt: record.deletedAt,
      keptUntil: record.keptUntil,
      claim: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { ...kept, name, namespace },
        spec: { ...spec, volumeName: metadata.name },
      },
    },
  };
}

/** True where a namespace is the one that may have the claim of `volume` back, and not another of the same name. Pure. */
export function mayHaveBack({ metadata }: PersistentVolume, namespaceUid: string | undefined): boolean {
  return namespaceUid !== undefined && metadata.annotations?.[DELETED_IN] === namespaceUid;
}
