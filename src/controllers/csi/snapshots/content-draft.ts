import type { VolumeSnapshot, VolumeSnapshotContent } from '#api/generated/definitions.ts';
import type { Draft } from '#api/meta/object.ts';
import { volumeModeOf } from '#api/storage/claim.ts';
import { dynamicContentNameOf, SNAPSHOT_DELETION_SECRET_NAME, SNAPSHOT_DELETION_SECRET_NAMESPACE } from '#api/storage/snapshot.ts';
import { ok, type Result } from '#kit/errors.ts';
import { sortSnapshotParameters } from './parameters.ts';
import type { SnapshotOrder } from './snapshot-plan.ts';

/** The content of a snapshot that is to be taken (external-snapshotter createSnapshotContent). Pure. */
export function contentDraft(snapshot: VolumeSnapshot, order: SnapshotOrder): Result<Draft<VolumeSnapshotContent>> {
  const { snapshotClass, volume, volumeHandle } = order;
  const { name, namespace = '', uid, resourceVersion } = snapshot.metadata;
  const contentName = dynamicContentNameOf(uid);
  const parameters = sortSnapshotParameters(snapshotClass, { kind: 'volumesnapshot', content: contentName, namespace, name });
  if (!parameters.ok) return parameters;
  const { take } = parameters.value.secrets;
  const annotations =
    take === undefined
      ? {}
      : { [SNAPSHOT_DELETION_SECRET_NAME]: take.name ?? '', [SNAPSHOT_DELETION_SECRET_NAMESPACE]: take.namespace ?? '' };
  return ok({
    metadata: { name: contentName, annotations },
    spec: {
      volumeSnapshotRef: { apiVersion: 'snapshot.storage.k8s.io/v1', kind: 'VolumeSnapshot', name, namespace, uid, resourceVersion },
      source: { volumeHandle },
      sourceVolumeMode: volumeModeOf(volume.spec),
      volumeSnapshotClassName: snapshotClass.metadata.name,
      deletionPolicy: snapshotClass.deletionPolicy,
      driver: snapshotClass.driver,
    },
  });
}
