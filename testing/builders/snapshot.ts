import type { VolumeSnapshot, VolumeSnapshotClass, VolumeSnapshotContent } from '#api/generated/definitions.ts';
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
