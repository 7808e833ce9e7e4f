import type { VolumeGroupSnapshot, VolumeGroupSnapshotClass, VolumeGroupSnapshotContent } from '../generated/definitions.ts';
import type { KubeObject, OwnerReference } from '../meta/object.ts';

/** Names of external-snapshotter (pkg/utils/util.go), exact: its objects and ours are one another's. */
const PREFIX = 'groupsnapshot.storage.kubernetes.io/';

/** On a group: what was taken of it goes first. */
export const GROUP_FINALIZER = `${PREFIX}volumegroupsnapshot-bound-protection`;
/** Keeps a content while its group is there, and until its driver has forgotten it. */
export const GROUP_CONTENT_FINALIZER = `${PREFIX}volumegroupsnapshotcontent-bound-protection`;
/** On a content: the driver has been asked for it, and no last word is known. */
export const GROUP_BEING_CREATED = `${PREFIX}volumegroupsnapshot-being-created`;
/** On a content: its group is to go. */
export const GROUP_BEING_DELETED = `${PREFIX}volumegroupsnapshot-being-deleted`;
/** On a content: the secret that its deletion needs. */
export const GROUP_DELETION_SECRET_NAME = `${PREFIX}deletion-secret-name`;
/** The namespace of {@link GROUP_DELETION_SECRET_NAME}. */
export const GROUP_DELETION_SECRET_NAMESPACE = `${PREFIX}deletion-secret-namespace`;
/** On a class: groups without one get it, where it is of their volumes' driver. */
const IS_DEFAULT_CLASS = `${PREFIX}is-default-class`;
const MEMBER_PREFIX = 'snapshot-';

/** The name of the content that is made for the group of `uid`. */
export function dynamicGroupContentNameOf(uid: string): string {
  return `groupsnapcontent-${uid}`;
}

/** The name under which a driver is asked for the group of `uid`: asked again it is the same. */
export function groupNameAtDriver(uid: string): string {
  return `groupsnapshot-${uid}`;
}

/** The content that belongs to a group, whether or not it is there. */
export function groupContentNameOf({ metadata, spec, status }: VolumeGroupSnapshot): string {
  return (
    spec.source.volumeGroupSnapshotContentName ?? status?.boundVolumeGroupSnapshotContentName ?? dynamicGroupContentNameOf(metadata.uid)
  );
}

/** The snapshot of a member; `hash` is of the group and of the volume. */
export function memberNameOf(hash: string): string {
  return `${MEMBER_PREFIX}${hash}`;
}

/** The content of the member of that name. */
export function memberContentNameOf(memberName: string): string {
  return `snapcontent-${memberName.slice(MEMBER_PREFIX.length)}`;
}

/** As drivers know the group; undefined while it has no name there. */
export function groupHandleOf({ spec, status }: VolumeGroupSnapshotContent): string | undefined {
  return status?.volumeGroupSnapshotHandle ?? spec.source.groupSnapshotHandles?.volumeGroupSnapshotHandle;
}

/** As drivers know the members; none while they have no names there. */
export function memberHandlesOf({ spec, status }: VolumeGroupSnapshotContent): readonly string[] {
  const known = (status?.volumeSnapshotInfoList ?? []).flatMap(({ snapshotHandle }) =>
    snapshotHandle === undefined ? [] : [snapshotHandle],
  );
  return known.length > 0 ? known : (spec.source.groupSnapshotHandles?.volumeSnapshotHandles ?? []);
}

/** The group that a snapshot is a member of; undefined where it is of none. */
export function groupOwnerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(
    ({ apiVersion, kind }) => kind === 'VolumeGroupSnapshot' && apiVersion.startsWith('groupsnapshot.storage.k8s.io/'),
  );
}

/** True for a class that groups without one get. */
export function isDefaultGroupClass({ metadata }: VolumeGroupSnapshotClass): boolean {
  return metadata.annotations?.[IS_DEFAULT_CLASS] === 'true';
}
