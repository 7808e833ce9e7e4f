import {
  volumeGroupSnapshots,
  type VolumeSnapshot,
  type VolumeSnapshotClass,
  volumeSnapshotClasses,
  volumeSnapshotContents,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKey, formatKeyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { restoreSourceKeyOf } from '#api/storage/snapshot.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { CLAIM_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { GROUP_INDEXES, MEMBER_INDEX } from './groups/indexes.ts';
import { CONTENT_INDEXES, SNAPSHOT_INDEXES } from './indexes.ts';
import type { SnapshotOperations } from './metrics.ts';
import { reconcileSnapshot, type SnapshotParts } from './reconcile.ts';

/** Snapshots that are looked at at a time. */
const CONCURRENCY = 50;

/** Binds snapshots to their contents, and makes and deletes these: what snapshot-controller does on a cluster. */
export function createSnapshotController({
  informers,
  operations,
}: {
  readonly informers: InformerFactory;
  readonly operations: SnapshotOperations;
}): Controller<VolumeSnapshot> {
  const snapshots = informers.for(volumeSnapshots, { ...SNAPSHOT_INDEXES, ...MEMBER_INDEX });
  const classIndex = { driver: ({ driver }: VolumeSnapshotClass): readonly string[] => [driver] };
  const parts: SnapshotParts = {
    contents: informers.for(volumeSnapshotContents, CONTENT_INDEXES),
    classes: informers.for(volumeSnapshotClasses, classIndex),
    claims: informers.for(persistentVolumeClaims, CLAIM_INDEXES),
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    groups: informers.for(volumeGroupSnapshots, GROUP_INDEXES),
    operations,
  };
  snapshots.subscribe({ onDelete: (object) => operations.gone(object) });
  return {
    name: 'snapshot',
    resource: volumeSnapshots,
    informer: snapshots,
    triggers: [
      trigger(parts.contents, ({ spec }) => {
        const { namespace, name } = spec.volumeSnapshotRef;
        return namespace === undefined || name === undefined ? [] : [formatKey({ namespace, name })];
      }),
      trigger(parts.classes, ({ metadata }) =>
        [metadata.name, ''].flatMap((name) => snapshots.byIndex('unreadyOfClass', name).map(formatKeyOf)),
      ),
      trigger(parts.claims, (claim, previous) => [
        ...snapshots.byIndex('unreadyOfClaim', formatKeyOf(claim)).map(formatKeyOf),
        ...[claim, previous ?? claim].flatMap(restoreKeysOf),
      ]),
      trigger(parts.groups, ({ metadata }) => snapshots.byIndex('group', metadata.uid).map(formatKeyOf)),
    ],
    reads: [parts.volumes],
    concurrency: CONCURRENCY,
    reconcile: (ctx, snapshot) => reconcileSnapshot(ctx, parts, snapshot),
  };
}

function restoreKeysOf(claim: PersistentVolumeClaim): readonly string[] {
  const key = restoreSourceKeyOf(claim);
  return key === undefined ? [] : [formatKey(key)];
}
