import type { VolumeGroupSnapshot, VolumeGroupSnapshotContent } from '#api/generated/definitions.ts';
import type { Draft } from '#api/meta/object.ts';
import { dynamicGroupContentNameOf, GROUP_DELETION_SECRET_NAME, GROUP_DELETION_SECRET_NAMESPACE } from '#api/storage/group-snapshot.ts';
import { ok, type Result } from '#kit/errors.ts';
import { sortSnapshotParameters } from '../parameters.ts';
import type { GroupOrder } from './group-creation-plan.ts';

/** The content of a group that is to be taken (external-snapshotter createGroupSnapshotContent). Pure. */
export function groupContentDraft(
  group: VolumeGroupSnapshot,
  { groupClass, sources }: GroupOrder,
): Result<Draft<VolumeGroupSnapshotContent>> {
  const { name, namespace = '', uid, resourceVersion } = group.metadata;
  const contentName = dynamicGroupContentNameOf(uid);
  const parameters = sortSnapshotParameters(groupClass, { kind: 'volumegroupsnapshot', content: contentName, namespace, name });
  if (!parameters.ok) return parameters;
  const { take } = parameters.value.secrets;
  const annotations =
    take === undefined ? {} : { [GROUP_DELETION_SECRET_NAME]: take.name ?? '', [GROUP_DELETION_SECRET_NAMESPACE]: take.namespace ?? '' };
  const apiVersion = 'groupsnapshot.storage.k8s.io/v1';
  return ok({
    metadata: { name: contentName, annotations },
    spec: {
      volumeGroupSnapshotRef: { apiVersion, kind: 'VolumeGroupSnapshot', name, namespace, uid, resourceVersion },
      source: { volumeHandles: sources.map(({ volumeHandle }) => volumeHandle) },
      volumeGroupSnapshotClassName: groupClass.metadata.name,
      deletionPolicy: groupClass.deletionPolicy,
      driver: groupClass.driver,
    },
  });
}
