import type { VolumeGroupSnapshot, VolumeGroupSnapshotContent } from '#api/generated/definitions.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { dynamicGroupContentNameOf, GROUP_FINALIZER } from '#api/storage/group-snapshot.ts';
import { type GroupCreationPlan, planGroupCreation } from './group-creation-plan.ts';
import { type GroupDeletionPlan, planGroupDeletion } from './group-deletion-plan.ts';
import { type GroupFault, groupFault } from './group-fault.ts';
import type { GroupView } from './group-view.ts';

/** What is to be done for a group. */
export type GroupPlan =
  | { readonly kind: 'leave' }
  /** It is to stay until what was taken of it has gone. */
  | { readonly kind: 'protect' }
  /** The content that it names is to be its own. */
  | { readonly kind: 'bind'; readonly content: VolumeGroupSnapshotContent }
  /** Its members are to be there, and it is to say what its content says. */
  | { readonly kind: 'report'; readonly content: VolumeGroupSnapshotContent }
  | GroupFault
  | GroupCreationPlan
  | GroupDeletionPlan;

/** Decides what comes next for `group`, in external-snapshotter's order (pkg/common-controller syncGroupSnapshot). Pure. */
export function planGroup(group: VolumeGroupSnapshot, view: GroupView): GroupPlan {
  if (isDeleting(group)) return planGroupDeletion(group, view);
  // why before there is a content: a group that goes while its content is made would leave it behind
  if (!hasFinalizer(group, GROUP_FINALIZER)) return { kind: 'protect' };
  return group.spec.source.volumeGroupSnapshotContentName === undefined ? planDynamic(group, view) : planStatic(group, view.content);
}

function planStatic({ metadata, spec }: VolumeGroupSnapshot, content: VolumeGroupSnapshotContent | undefined): GroupPlan {
  const wanted = JSON.stringify(spec.source.volumeGroupSnapshotContentName);
  if (content === undefined)
    return groupFault(
      'GroupSnapshotContentMissing',
      `VolumeGroupSnapshotContent ${wanted} is missing: create it, with this group in spec.volumeGroupSnapshotRef`,
    );
  if (content.spec.source.groupSnapshotHandles === undefined)
    return groupFault(
      'GroupSnapshotContentMismatch',
      `VolumeGroupSnapshotContent ${wanted} is dynamically provisioned, of volumes: name one whose spec.source has groupSnapshotHandles`,
    );
  const { name, namespace, uid = '' } = content.spec.volumeGroupSnapshotRef;
  if (name !== metadata.name || namespace !== metadata.namespace)
    return groupFault(
      'GroupSnapshotContentMisbound',
      `VolumeGroupSnapshotContent ${wanted} is for the group ${JSON.stringify(`${namespace}/${name}`)}: create one with this group in spec.volumeGroupSnapshotRef`,
    );
  if (uid === '') return { kind: 'bind', content };
  return uid === metadata.uid ? { kind: 'report', content } : misbound('GroupSnapshotContentMisbound', content);
}

function planDynamic(group: VolumeGroupSnapshot, view: GroupView): GroupPlan {
  const { content } = view;
  if (content !== undefined) {
    if (content.spec.volumeGroupSnapshotRef.uid !== group.metadata.uid) return misbound('GroupSnapshotMisbound', content);
    if (content.spec.source.groupSnapshotHandles !== undefined)
      return groupFault(
        'GroupSnapshotHandleSet',
        `VolumeGroupSnapshotContent ${JSON.stringify(content.metadata.name)} has groupSnapshotHandles in spec.source, and the group a selector`,
      );
    return { kind: 'report', content };
  }
  if (group.status?.readyToUse === true)
    return groupFault(
      'GroupSnapshotContentMissing',
      `VolumeGroupSnapshotContent ${JSON.stringify(dynamicGroupContentNameOf(group.metadata.uid))} is missing: what it named can be had by a new content with its groupSnapshotHandles`,
    );
  return planGroupCreation(group, view);
}

function misbound(
  reason: 'GroupSnapshotContentMisbound' | 'GroupSnapshotMisbound',
  { metadata, spec }: VolumeGroupSnapshotContent,
): GroupFault {
  const { namespace, name, uid } = spec.volumeGroupSnapshotRef;
  return groupFault(
    reason,
    `VolumeGroupSnapshotContent ${JSON.stringify(metadata.name)} is bound to another group, ${namespace}/${name} of uid ${uid}`,
  );
}
