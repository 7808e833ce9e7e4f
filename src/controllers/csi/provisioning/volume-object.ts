import type { NodeSelectorTerm, PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { attributesClassOf, requestedBytesOf, volumeModeOf } from '#api/storage/claim.ts';
import {
  DELETION_SECRET_NAME,
  DELETION_SECRET_NAMESPACE,
  MODIFY_SECRET_NAME,
  MODIFY_SECRET_NAMESPACE,
  PROVISIONED_BY,
  PROVISIONER_FINALIZER,
  PROVISIONER_IDENTITY,
  provisionedNameOf,
} from '#api/storage/names.ts';
import { formatBytes } from '#kit/quantity.ts';
import type { Topology, Volume } from '#protocols/csi/generated/messages.ts';
import type { ClassParameters } from './parameters.ts';

/** What the PersistentVolume is made of. */
export interface ProvisionedVolume {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
  readonly parameters: ClassParameters;
  /** The driver's answer. */
  readonly volume: Volume & { readonly volumeId: string };
}

/** The PersistentVolume of a volume that was made for a claim: already the claim's, as external-provisioner writes it. Pure. */
export function volumeDraft({ claim, storageClass, parameters, volume }: ProvisionedVolume): Draft<PersistentVolume> {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  const policy = storageClass.reclaimPolicy ?? 'Delete';
  const affinity = affinityOf(volume.accessibleTopology ?? []);
  const attributesClassName = attributesClassOf(claim.spec);
  return {
    metadata: {
      name: provisionedNameOf(uid),
      annotations: { [PROVISIONED_BY]: storageClass.provisioner, ...secretAnnotations(parameters) },
      ...(policy === 'Delete' ? { finalizers: [PROVISIONER_FINALIZER] } : {}),
    },
    spec: {
      capacity: { storage: formatBytes(sizeOf(volume) === 0n ? requestedBytesOf(claim) : sizeOf(volume)) },
      accessModes: claim.spec.accessModes ?? [],
      volumeMode: volumeModeOf(claim.spec),
      persistentVolumeReclaimPolicy: policy,
      storageClassName: storageClass.metadata.name,
      ...(attributesClassName === '' ? {} : { volumeAttributesClassName: attributesClassName }),
      ...(storageClass.mountOptions === undefined ? {} : { mountOptions: storageClass.mountOptions }),
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
      csi: sourceOf({ claim, storageClass, parameters, volume }),
      ...(affinity === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: affinity } } }),
    },
  };
}

/** The secrets that have no field in a PersistentVolume. */
function secretAnnotations({ secrets: { provisioner, controllerModify } }: ClassParameters): Readonly<Record<string, string>> {
  return {
    [DELETION_SECRET_NAME]: provisioner?.name ?? '',
    [DELETION_SECRET_NAMESPACE]: provisioner?.namespace ?? '',
    ...(controllerModify === undefined
      ? {}
      : { [MODIFY_SECRET_NAME]: controllerModify.name ?? '', [MODIFY_SECRET_NAMESPACE]: controllerModify.namespace ?? '' }),
  };
}

/** Bytes of the volume; 0 where the driver does not say. */
export function sizeOf(volume: Volume): bigint {
  return volume.capacityBytes ?? 0n;
}

function sourceOf({ claim, storageClass, parameters, volume }: ProvisionedVolume): NonNullable<PersistentVolume['spec']['csi']> {
  const { controllerPublish, nodeStage, nodePublish, controllerExpand, nodeExpand } = parameters.secrets;
  const hasFilesystem = volumeModeOf(claim.spec) !== 'Block' && parameters.fsType !== '';
  return {
    driver: storageClass.provisioner,
    volumeHandle: volume.volumeId,
    volumeAttributes: { ...volume.volumeContext, [PROVISIONER_IDENTITY]: `stowage-${storageClass.provisioner}` },
    ...(hasFilesystem ? { fsType: parameters.fsType } : {}),
    ...(controllerPublish === undefined ? {} : { controllerPublishSecretRef: controllerPublish }),
    ...(nodeStage === undefined ? {} : { nodeStageSecretRef: nodeStage }),
    ...(nodePublish === undefined ? {} : { nodePublishSecretRef: nodePublish }),
    ...(controllerExpand === undefined ? {} : { controllerExpandSecretRef: controllerExpand }),
    ...(nodeExpand === undefined ? {} : { nodeExpandSecretRef: nodeExpand }),
  };
}

/** One term per topology, alternatives of each other; undefined where the volume is reachable from everywhere. */
function affinityOf(topologies: readonly Topology[]): readonly NodeSelectorTerm[] | undefined {
  const terms = topologies
    .map(({ segments = {} }) => Object.entries(segments).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    .filter((segments) => segments.length > 0)
    .map((segments) => ({ matchExpressions: segments.map(([key, value]) => ({ key, operator: 'In', values: [value] })) }));
  return terms.length === 0 ? undefined : terms;
}
