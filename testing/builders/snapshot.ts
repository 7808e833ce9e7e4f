import type {
  VolumeGroupSnapshot,
  VolumeGroupSnapshotClass,
  VolumeGroupSnapshotContent,
  VolumeSnapshot,
  VolumeSnapshotClass,
  VolumeSnapshotContent,
} from '#api/generated/definitions.ts';
import type { Draft, ObjectMeta } from '#api/meta/object.ts';

const DRIVER = 'local.stowage.dev';

/** A class of snapshots of `local.stowage.dev` that go with their objects. */
export function aSnapshotClass(over: Partial<Draft<VolumeSnapshotClass>> = {}): Draft<VolumeSnapshotClass> {
  return { metadata: { name: 'snaps' }, driver: DRIVER, deletionPolicy: 'Delete', ...over };
}

/** The snapshot `one` of the claim `data`. */
export function aSnapshot(over: { readonly name?: string; readonly spec?: Partial<VolumeSnapshot['spec']> } = {}): Draft<VolumeSnapshot> {
  const spec = { source: { persistentVolumeClaimName: 'data' }, volumeSnapshotClassName: 'snaps', ...over.spec };
  return { metadata: { name: over.name ?? 'one', namespace: 'default' }, spec };
}

/** A snapshot as it is stored: `one` of the claim `data`, uid `u-one`. */
export function aStoredSnapshot(
  over: {
    readonly metadata?: Partial<ObjectMeta>;
    readonly spec?: Partial<VolumeSnapshot['spec']>;
    readonly status?: VolumeSnapshot['status'];
  } = {},
): VolumeSnapshot {
  const { spec } = aSnapshot(over.spec === undefined ? {} : { spec: over.spec });
  const metadata = { name: 'one', namespace: 'default', uid: 'u-one', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { ...metadata, ...over.metadata },
    spec,
    status: over.status,
  };
}

/** The content that was made for {@link aStoredSnapshot}, of the volume `vol-1`. */
export function aStoredContent(
  over: {
    readonly metadata?: Partial<ObjectMeta>;
    readonly spec?: Partial<VolumeSnapshotContent['spec']>;
    readonly status?: VolumeSnapshotContent['status'];
  } = {},
): VolumeSnapshotContent {
  const metadata = { name: 'snapcontent-u-one', uid: 'u-content', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotContent',
    metadata: { ...metadata, ...over.metadata },
    spec: {
      driver: DRIVER,
      deletionPolicy: 'Delete',
      source: { volumeHandle: 'vol-1' },
      sourceVolumeMode: 'Filesystem',
      volumeSnapshotClassName: 'snaps',
      volumeSnapshotRef: { name: 'one', namespace: 'default', uid: 'u-one' },
      ...over.spec,
    },
    status: over.status,
  };
}

/** A class of groups of `local.stowage.dev` that go with their objects. */
export function aGroupClass(over: Partial<Draft<VolumeGroupSnapshotClass>> = {}): Draft<VolumeGroupSnapshotClass> {
  return { metadata: { name: 'groups' }, driver: DRIVER, deletionPolicy: 'Delete', ...over };
}

/** The group `all` of the claims labelled `app=db`. */
export function aGroup(
  over: { readonly name?: string; readonly spec?: Partial<VolumeGroupSnapshot['spec']> } = {},
): Draft<VolumeGroupSnapshot> {
  const spec = { source: { selector: { matchLabels: { app: 'db' } } }, volumeGroupSnapshotClassName: 'groups', ...over.spec };
  return { metadata: { name: over.name ?? 'all', namespace: 'default' }, spec };
}

/** A group as it is stored: `all` of the claims labelled `app=db`, uid `u-all`. */
export function aStoredGroup(
  over: {
    readonly metadata?: Partial<ObjectMeta>;
    readonly spec?: Partial<VolumeGroupSnapshot['spec']>;
    readonly status?: VolumeGroupSnapshot['status'];
  } = {},
): VolumeGroupSnapshot {
  const { spec } = aGroup(over.spec === undefined ? {} : { spec: over.spec });
  const metadata = { name: 'all', namespace: 'default', uid: 'u-all', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return {
    apiVersion: 'groupsnapshot.storage.k8s.io/v1',
    kind: 'VolumeGroupSnapshot',
    metadata: { ...metadata, ...over.metadata },
    spec,
    status: over.status,
  };
}

/** The content that was made for {@link aStoredGroup}, of the volumes `vol-1` and `vol-2`. */
export function aStoredGroupContent(
  over: {
    readonly metadata?: Partial<ObjectMeta>;
    readonly spec?: Partial<VolumeGroupSnapshotContent['spec']>;
    readonly status?: VolumeGroupSnapshotContent['status'];
  } = {},
): VolumeGroupSnapshotContent {
  const metadata = { name: 'groupsnapcontent-u-all', uid: 'u-content', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return {
    apiVersion: 'groupsnapshot.storage.k8s.io/v1',
    kind: 'VolumeGroupSnapshotContent',
    metadata: { ...metadata, ...over.metadata },
    spec: {
      driver: DRIVER,
      deletionPolicy: 'Delete',
      source: { volumeHandles: ['vol-1', 'vol-2'] },
      volumeGroupSnapshotClassName: 'groups',
      volumeGroupSnapshotRef: { name: 'all', namespace: 'default', uid: 'u-all' },
      ...over.spec,
    },
    status: over.status,
  };
}
