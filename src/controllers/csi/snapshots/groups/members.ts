import { createHash } from 'node:crypto';
import type { VolumeGroupSnapshot, VolumeGroupSnapshotContent, VolumeSnapshot, VolumeSnapshotContent } from '#api/generated/definitions.ts';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { memberContentNameOf, memberNameOf } from '#api/storage/group-snapshot.ts';
import { CONTENT_FINALIZER, GROUP_HANDLE, SNAPSHOT_IN_GROUP_FINALIZER, SNAPSHOT_SOURCE_FINALIZER } from '#api/storage/snapshot.ts';
import { volumeModeOf } from '#api/storage/claim.ts';

/** What a driver has of one volume of a group. */
export interface TakenMember {
  readonly volumeHandle: string;
  readonly snapshotHandle: string;
  /** Nanoseconds since 1970. */
  readonly creationTime?: number | undefined;
  readonly restoreSize?: number | undefined;
  readonly readyToUse: boolean;
}

/** The members that the driver has named. */
export function takenMembersOf({ status }: VolumeGroupSnapshotContent): readonly TakenMember[] {
  return (status?.volumeSnapshotInfoList ?? []).flatMap(({ volumeHandle, snapshotHandle, readyToUse = false, ...rest }) =>
    volumeHandle === undefined || snapshotHandle === undefined ? [] : [{ ...rest, volumeHandle, snapshotHandle, readyToUse }],
  );
}

/** The name of the snapshot of one volume of a group (external-snapshotter getSnapshotNameForVolumeGroupSnapshotContent). */
export function memberNameFor(group: VolumeGroupSnapshot, { volumeHandle }: TakenMember): string {
  return memberNameOf(createHash('sha256').update(`${group.metadata.uid}${volumeHandle}`).digest('hex'));
}

/** The snapshot of one volume. `volume` is undefined where it has gone since. Pure. */
export function memberDraft(group: VolumeGroupSnapshot, taken: TakenMember, volume: PersistentVolume | undefined): Draft<VolumeSnapshot> {
  const { name, namespace = '', uid } = group.metadata;
  const { namespace: ofClaim, name: claimName = '' } = volume?.spec.claimRef ?? {};
  return {
    metadata: {
      name: memberNameFor(group, taken),
      namespace,
      finalizers: [SNAPSHOT_IN_GROUP_FINALIZER, SNAPSHOT_SOURCE_FINALIZER],
      ownerReferences: [{ apiVersion: 'groupsnapshot.storage.k8s.io/v1', kind: 'VolumeGroupSnapshot', name, uid }],
    },
    // why empty: nobody knows the claim any more (external-snapshotter does so too)
    spec: { source: { persistentVolumeClaimName: ofClaim === namespace ? claimName : '' } },
  };
}

/** Of what the content of a member is made. */
export interface MemberContentOrder {
  readonly snapshot: VolumeSnapshot;
  readonly taken: TakenMember;
  readonly groupContent: VolumeGroupSnapshotContent;
  readonly groupHandle: string;
  readonly volume: PersistentVolume | undefined;
}

/** The content of a member, bound to its snapshot from the beginning. Pure. */
export function memberContentDraft(order: MemberContentOrder): Draft<VolumeSnapshotContent> {
  const { snapshot, taken, groupContent, groupHandle, volume } = order;
  const { name, namespace = '', uid } = snapshot.metadata;
  const { driver, deletionPolicy } = groupContent.spec;
  return {
    metadata: { name: memberContentNameOf(name), annotations: { [GROUP_HANDLE]: groupHandle }, finalizers: [CONTENT_FINALIZER] },
    spec: {
      driver,
      deletionPolicy,
      source: { snapshotHandle: taken.snapshotHandle },
      ...(volume === undefined ? {} : { sourceVolumeMode: volumeModeOf(volume.spec) }),
      volumeSnapshotRef: { apiVersion: 'snapshot.storage.k8s.io/v1', kind: 'VolumeSnapshot', name, namespace, uid },
    },
  };
}

/** What the content of a member says of it. Pure. */
export function memberContentStatus(taken: TakenMember, groupHandle: string): NonNullable<VolumeSnapshotContent['status']> {
  const { snapshotHandle, creationTime, restoreSize, readyToUse } = taken;
  return {
    snapshotHandle,
    readyToUse,
    volumeGroupSnapshotHandle: groupHandle,
    ...(creationTime === undefined ? {} : { creationTime }),
    ...(restoreSize === undefined ? {} : { restoreSize }),
  };
}
