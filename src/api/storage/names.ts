/** Annotation keys, finalizers and reserved values of the storage API (kubernetes/component-helpers storage/volume, kubernetes/api core/v1 annotation_key_constants.go). */

/** On a claim: the four writes of its binding were decided; from then on its volume never changes. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** On a claim or volume: the controller chose the other side, not a user; so the controller may undo it. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** Value of {@link BIND_COMPLETED} and {@link BOUND_BY_CONTROLLER}. */
export const YES = 'yes';
/** On a claim: which provisioner is to make its volume. */
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
/** The older key of {@link STORAGE_PROVISIONER}; both are set. */
export const STORAGE_PROVISIONER_BETA = 'volume.beta.kubernetes.io/storage-provisioner';
/** On a claim that waits for its first consumer: the node that the scheduler chose. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** On a claim that waits for its first consumer: the nodes where its driver had no place for it, separated by commas; the scheduler tries others first. */
export const REFUSED_NODES = 'volumes.stowage.dev/refused-nodes';
/** The class by annotation, on claims and volumes; it wins over the field. */
export const STORAGE_CLASS_BETA = 'volume.beta.kubernetes.io/storage-class';
/** On a class: the one that claims without a class get. */
export const IS_DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
/** The older key of {@link IS_DEFAULT_CLASS}. */
export const IS_DEFAULT_CLASS_BETA = 'storageclass.beta.kubernetes.io/is-default-class';
/** On a volume: the provisioner that made it, and that deletes it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** On a claim or volume whose provisioner was part of Kubernetes once: the CSI driver that does its work. */
export const MIGRATED_TO = 'pv.kubernetes.io/migrated-to';
/** On a volume whose growth was under way before it was bound: the size that the filesystem has. */
export const PRE_RESIZE_CAPACITY = 'volume.alpha.kubernetes.io/pre-resize-capacity';
/** On a volume: the secret that its deletion needs; both may be empty. */
export const DELETION_SECRET_NAME = 'volume.kubernetes.io/provisioner-deletion-secret-name';
/** The namespace of {@link DELETION_SECRET_NAME}. */
export const DELETION_SECRET_NAMESPACE = 'volume.kubernetes.io/provisioner-deletion-secret-namespace';
/** On a pod, with the value `refuse`: its hostPath volumes must be the very directories that are named, not what symbolic links lead to. */
export const HOST_PATH_LINKS = 'volumes.stowage.dev/host-path-links';
/** On a volume: the secret that a change of its attributes needs. */
export const MODIFY_SECRET_NAME = 'volume.kubernetes.io/controller-modify-secret-name';
/** The namespace of {@link MODIFY_SECRET_NAME}. */
export const MODIFY_SECRET_NAMESPACE = 'volume.kubernetes.io/controller-modify-secret-namespace';
/** In a volume's attributes: who provisioned it. */
export const PROVISIONER_IDENTITY = 'storage.kubernetes.io/csiProvisionerIdentity';

/** Keeps a claim while a pod uses it. */
export const PVC_PROTECTION = 'kubernetes.io/pvc-protection';
/** Keeps a volume while it is bound. */
export const PV_PROTECTION = 'kubernetes.io/pv-protection';
/** Keeps a VolumeAttributesClass while a claim or volume names it. */
export const VAC_PROTECTION = 'kubernetes.io/vac-protection';
/** Keeps a claim while a copy of its volume is made (external-provisioner's). */
export const CLONING_PROTECTION = 'provisioner.storage.kubernetes.io/cloning-protection';
/** Keeps a volume until its backend is gone (HonorPVReclaimPolicy). */
export const PROVISIONER_FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';
/**
 * Stowage's own, on a claim: a volume of this claim may exist at the backend without a PersistentVolume that tells of it.
 * Set before the first CreateVolume, removed once the PersistentVolume exists or the volume is deleted again.
 */
export const IN_FLIGHT_FINALIZER = 'provisioning.stowage.dev/in-flight';

/** The name of the volume, and of its PersistentVolume, that is provisioned for the claim of `uid` (external-provisioner's default prefix). */
export function provisionedNameOf(uid: string): string {
  return `pvc-${uid}`;
}
