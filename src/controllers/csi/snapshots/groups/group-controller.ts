import {
  type VolumeGroupSnapshot,
  type VolumeGroupSnapshotClass,
  volumeGroupSnapshotClasses,
  volumeGroupSnapshotContents,
  volumeGroupSnapshots,
  type VolumeSnapshot,
  volumeSnapshotContents,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKey, formatKeyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { groupOwnerOf } from '#api/storage/group-snapshot.ts';
import { restoreSourceKeyOf } from '#api/storage/snapshot.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES, NAMESPACE_INDEX } from '../../../indexes.ts';
import { migrated } from '../../../migrated-volume.ts';
import { CONTENT_INDEXES, SNAPSHOT_INDEXES } from '../indexes.ts';
import type { SnapshotOperations } from '../metrics.ts';
import { csiHandle, GROUP_CONTENT_INDEXES, GROUP_INDEXES, MEMBER_INDEX, VOLUME_HANDLE_INDEX } from './indexes.ts';
import { type GroupParts, reconcileGroup } from './reconcile.ts';

/** Groups that are looked at at a time. */
const CONCURRENCY = 20;

/** Binds groups to their contents, makes these and the members, and deletes all of it: what snapshot-controller does on a cluster. */
export function createGroupController({
  informers,
  operations,
}: {
  readonly informers: InformerFactory;
  readonly operations: SnapshotOperations;
}): Controller<VolumeGroupSnapshot> {
  const groups = informers.for(volumeGroupSnapshots, GROUP_INDEXES);
  const classIndex = { driver: ({ driver }: VolumeGroupSnapshotClass): readonly string[] => [driver] };
  const snapshots = informers.for(volumeSnapshots, { ...SNAPSHOT_INDEXES, ...MEMBER_INDEX });
  const volumes = informers.for(persistentVolumes, VOLUME_HANDLE_INDEX);
  const parts: GroupParts = {
    contents: informers.for(volumeGroupSnapshotContents, GROUP_CONTENT_INDEXES),
    classes: informers.for(volumeGroupSnapshotClasses, classIndex),
    claims: informers.for(persistentVolumeClaims, { ...CLAIM_INDEXES, ...NAMESPACE_INDEX }),
    volumes,
    operations,
    snapshots,
    snapshotContents: informers.for(volumeSnapshotContents, CONTENT_INDEXES),
    volumeOf: (driverName, volumeHandle) => migrated(volumes.byIndex('csiHandle', csiHandle(driverName, volumeHandle))[0]),
  };
  const groupOfMember = (snapshot: VolumeSnapshot | undefined): readonly string[] => {
    const owner = snapshot === undefined ? undefined : groupOwnerOf(snapshot);
    return owner === undefined ? [] : [formatKey({ namespace: snapshot?.metadata.namespace ?? '', name: owner.name })];
  };
  const groupOfRestore = (claim: PersistentVolumeClaim): readonly string[] => {
    const key = restoreSourceKeyOf(claim);
    return key === undefined ? [] : groupOfMember(snapshots.get(key));
  };
  groups.subscribe({ onDelete: (object) => operations.gone(object) });
  return {
    name: 'group-snapshot',
    resource: volumeGroupSnapshots,
    informer: groups,
    triggers: [
      trigger(parts.contents, ({ spec }) => keyOfReference(spec.volumeGroupSnapshotRef)),
      trigger(parts.classes, ({ metadata }) =>
        [metadata.name, ''].flatMap((name) => groups.byIndex('unreadyOfClass', name).map(formatKeyOf)),
      ),
      trigger(parts.claims, (claim, previous) => [
        ...groups.byIndex('unreadyOfNamespace', claim.metadata.namespace ?? '').map(formatKeyOf),
        ...[claim, previous ?? claim].flatMap(groupOfRestore),
      ]),
      trigger(snapshots, groupOfMember),
      trigger(
        parts.snapshotContents,
        ({
          spec: {
            volumeSnapshotRef: { namespace = '', name = '' },
          },
        }) => groupOfMember(snapshots.get({ namespace, name })),
      ),
    ],
    reads: [volumes],
    concurrency: CONCURRENCY,
    reconcile: (ctx, group) => reconcileGroup(ctx, parts, group),
  };
}

function keyOfReference({
  namespace,
  name,
}: {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}): readonly string[] {
  return namespace === undefined || name === undefined ? [] : [formatKey({ namespace, name })];
}
