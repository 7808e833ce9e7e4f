import { claimKeysOfPod } from '#api/claim-facts.ts';
import type { CSIStorageCapacity, PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { hasFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, type ObjectMeta } from '#api/meta/object.ts';
import {
  attributesClassOf,
  classOfClaim,
  cloneSourceKeyOf,
  isBindCompleted,
  provisionerOfClaim,
  selectedNodeOf,
  volumeNameOf,
} from '#api/storage/claim.ts';
import { dataSourceOf } from '#api/storage/data-source.ts';
import { attributesClassesOf } from '#api/storage/modification.ts';
import { IN_FLIGHT_FINALIZER } from '#api/storage/names.ts';
import { restoreSourceKeyOf } from '#api/storage/snapshot.ts';
import { claimKeyOf } from '#api/storage/volume.ts';

/** How objects of any kind are found by their namespace. */
export const NAMESPACE_INDEX = {
  ofNamespace: ({ metadata }: { readonly metadata: ObjectMeta }): readonly string[] => [metadata.namespace ?? ''],
};

/** How claims are found: by the volume that they name, and, while they wait for one, by what they wait for. */
export const CLAIM_INDEXES = {
  volume: (claim: PersistentVolumeClaim): readonly string[] => (volumeNameOf(claim) === '' ? [] : [volumeNameOf(claim)]),
  /** Waiting, by class name; `''` for those without. */
  waitingClass: (claim: PersistentVolumeClaim): readonly string[] => (isWaiting(claim) ? [classOfClaim(claim)] : []),
  /** By the provisioner that is to make the volume, or may have begun to and is to be asked once more. */
  provisioner: (claim: PersistentVolumeClaim): readonly string[] =>
    isProvisioned(claim) && provisionerOfClaim(claim) !== '' ? [provisionerOfClaim(claim)] : [],
  /** By the class that the volume is to be made from, or may have been. */
  provisionedClass: (claim: PersistentVolumeClaim): readonly string[] => (isProvisioned(claim) ? [classOfClaim(claim)] : []),
  /** Waiting for a volume on this node, which the scheduler has chosen. */
  selectedNode: (claim: PersistentVolumeClaim): readonly string[] =>
    isWaiting(claim) && selectedNodeOf(claim) !== '' ? [selectedNodeOf(claim)] : [],
  /** By each VolumeAttributesClass that the claim has, wants or is on the way to. */
  attributesClass: attributesClassesOf,
  /** Those that wait for a copy of the volume of this claim, and those for which one may have been begun; of other namespaces only these. */
  cloneSource: (claim: PersistentVolumeClaim): readonly string[] => {
    const key = holdsSource(claim) ? cloneSourceKeyOf(claim) : undefined;
    return key === undefined ? [] : [formatKey(key)];
  },
  /** Those that wait to be filled from this snapshot, and those for which it may have been begun; of other namespaces only these. */
  restoreSource: (claim: PersistentVolumeClaim): readonly string[] => {
    const key = holdsSource(claim) ? restoreSourceKeyOf(claim) : undefined;
    return key === undefined ? [] : [formatKey(key)];
  },
  /** Those that wait to be filled from something of another namespace: by that namespace, and by `namespace/name`. */
  foreignSource: (claim: PersistentVolumeClaim): readonly string[] => {
    const source = isProvisioned(claim) ? dataSourceOf(claim) : undefined;
    return source?.isForeign === true ? [source.key.namespace, formatKey(source.key)] : [];
  },
} as const;

/** How volumes are found: by the claim that they are for, as `namespace/name`. */
export const VOLUME_INDEXES = {
  claim: (volume: PersistentVolume): readonly string[] => {
    const key = claimKeyOf(volume);
    return key === undefined ? [] : [key];
  },
  /** By its VolumeAttributesClass. */
  attributesClass: ({ spec }: PersistentVolume): readonly string[] => (attributesClassOf(spec) === '' ? [] : [attributesClassOf(spec)]),
} as const;

/** How volumes are found by their CSI driver. */
export const VOLUME_DRIVER_INDEX = {
  driver: ({ spec }: PersistentVolume): readonly string[] => (spec.csi === undefined ? [] : [spec.csi.driver]),
} as const;

/** How pods are found: by claim and by node. */
export const POD_INDEXES = {
  claim: claimKeysOfPod,
  node: (pod: Pod): readonly string[] => (pod.spec.nodeName === undefined || pod.spec.nodeName === '' ? [] : [pod.spec.nodeName]),
  /** Those that empty a volume (reclaim/), by the volume that owns them. */
  recycledVolume: ({ metadata }: Pod): readonly string[] =>
    (metadata.ownerReferences ?? []).filter(({ kind }) => kind === 'PersistentVolume').map(({ name }) => name),
} as const;

/** How published capacities are found: by the class of the volumes that they are for. */
export const CAPACITY_INDEXES = {
  class: ({ storageClassName }: CSIStorageCapacity): readonly string[] => [storageClassName],
} as const;

/** How attachments are found: by the volume that is attached, by the node, and by the driver. */
export const ATTACHMENT_INDEXES = {
  volume: (attachment: VolumeAttachment): readonly string[] => {
    const name = attachment.spec.source.persistentVolumeName;
    return name === undefined ? [] : [name];
  },
  node: (attachment: VolumeAttachment): readonly string[] => [attachment.spec.nodeName],
  attacher: (attachment: VolumeAttachment): readonly string[] => [attachment.spec.attacher],
} as const;

/** Waits for a volume, or one may have been begun for it that it does not want any more. */
function isProvisioned(claim: PersistentVolumeClaim): boolean {
  return isWaiting(claim) || hasFinalizer(claim, IN_FLIGHT_FINALIZER);
}

/** True where what the claim names has to stay for it. A claim of another namespace holds nothing before a grant has let its volume be begun. */
function holdsSource(claim: PersistentVolumeClaim): boolean {
  return dataSourceOf(claim)?.isForeign === true ? hasFinalizer(claim, IN_FLIGHT_FINALIZER) : isProvisioned(claim);
}

function isWaiting(claim: PersistentVolumeClaim): boolean {
  return volumeNameOf(claim) === '' && !isBindCompleted(claim) && claim.metadata.deletionTimestamp === undefined;
}
