import type { VolumeSnapshot, VolumeSnapshotClass, VolumeSnapshotContent } from '../generated/definitions.ts';
import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';
import type { ObjectKey } from '../meta/object.ts';
import { dataSourceOf } from './data-source.ts';

/** Names of external-snapshotter (pkg/utils/util.go), exact: its objects and ours are one another's. */
const PREFIX = 'snapshot.storage.kubernetes.io/';

/** The API group of snapshots, as a claim's dataSource names it. */
const GROUP = 'snapshot.storage.k8s.io';

/** On a snapshot, from the beginning: it is the source of what is made from it. */
export const SNAPSHOT_SOURCE_FINALIZER = `${PREFIX}volumesnapshot-as-source-protection`;
/** On a snapshot whose content goes with it. */
export const SNAPSHOT_BOUND_FINALIZER = `${PREFIX}volumesnapshot-bound-protection`;
/** On a snapshot that a group has taken. */
export const SNAPSHOT_IN_GROUP_FINALIZER = `${PREFIX}volumesnapshot-in-group-protection`;
/** Keeps a content while its snapshot is there, and until its driver has forgotten it. */
export const CONTENT_FINALIZER = `${PREFIX}volumesnapshotcontent-bound-protection`;
/** Keeps a claim while a snapshot of it is taken. */
export const SNAPSHOT_CLAIM_FINALIZER = `${PREFIX}pvc-as-source-protection`;
/** Keeps a snapshot while a volume is made from it (external-provisioner's). */
export const RESTORING_PROTECTION = 'provisioner.storage.kubernetes.io/volumesnapshot-as-source-protection';
/** On a content, with the value `true`: a volume of another mode may be made from it. */
export const ALLOW_MODE_CHANGE = `${PREFIX}allow-volume-mode-change`;
/** On a content: the driver has been asked for it, and no last word is known. */
export const BEING_CREATED = `${PREFIX}volumesnapshot-being-created`;
/** On a content: its snapshot is to go. */
export const BEING_DELETED = `${PREFIX}volumesnapshot-being-deleted`;
/** On a content: the secret that its deletion needs. */
export const SNAPSHOT_DELETION_SECRET_NAME = `${PREFIX}deletion-secret-name`;
/** The namespace of {@link SNAPSHOT_DELETION_SECRET_NAME}. */
export const SNAPSHOT_DELETION_SECRET_NAMESPACE = `${PREFIX}deletion-secret-namespace`;
/** On a class: snapshots without one get it, where it is of their volume's driver. */
const IS_DEFAULT_CLASS = `${PREFIX}is-default-class`;
/** On a content: the group that it was taken with. */
export const GROUP_HANDLE = 'groupsnapshot.storage.k8s.io/volumeGroupSnapshotHandle';

/** The name of the content that is made for the snapshot of `uid`. */
export function dynamicContentNameOf(uid: string): string {
  return `snapcontent-${uid}`;
}

/** The name under which a driver is asked for the snapshot of `uid`: asked again it is the same. */
export function snapshotNameAtDriver(uid: string): string {
  return `snapshot-${uid}`;
}

/** The content that belongs to a snapshot, whether or not it is there. */
export function contentNameOf({ metadata, spec, status }: VolumeSnapshot): string {
  return spec.source.volumeSnapshotContentName ?? status?.boundVolumeSnapshotContentName ?? dynamicContentNameOf(metadata.uid);
}

/** The claim that a snapshot is of; undefined where it names a content. */
export function claimKeyOfSnapshot({ metadata, spec }: VolumeSnapshot): ObjectKey | undefined {
  const name = spec.source.persistentVolumeClaimName;
  return name === undefined ? undefined : { namespace: metadata.namespace ?? '', name };
}

/** As drivers know the snapshot; undefined while it has no name there. */
export function snapshotHandleOf({ spec, status }: VolumeSnapshotContent): string | undefined {
  return status?.snapshotHandle ?? spec.source.snapshotHandle;
}

/** True for a class that snapshots without one get. */
export function isDefaultSnapshotClass({ metadata }: VolumeSnapshotClass): boolean {
  return metadata.annotations?.[IS_DEFAULT_CLASS] === 'true';
}

/** True for a content that was taken with a group: its group looks after it. */
export function isOfGroup({ metadata, status }: VolumeSnapshotContent): boolean {
  return metadata.annotations?.[GROUP_HANDLE] !== undefined || status?.volumeGroupSnapshotHandle !== undefined;
}

/** The snapshot that `claim` is to be filled from; undefined where it names none. */
export function restoreSourceKeyOf(claim: PersistentVolumeClaim): ObjectKey | undefined {
  const source = dataSourceOf(claim);
  return source?.kind === 'VolumeSnapshot' && source.group === GROUP ? source.key : undefined;
}
