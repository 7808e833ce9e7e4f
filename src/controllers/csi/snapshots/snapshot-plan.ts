import type { VolumeSnapshot, VolumeSnapshotClass, VolumeSnapshotContent } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { groupOwnerOf } from '#api/storage/group-snapshot.ts';
import {
  dynamicContentNameOf,
  SNAPSHOT_BOUND_FINALIZER,
  SNAPSHOT_IN_GROUP_FINALIZER,
  SNAPSHOT_SOURCE_FINALIZER,
} from '#api/storage/snapshot.ts';
import type { SnapshotFault } from './events.ts';
import { planSnapshotDeletion, type SnapshotDeletionPlan } from './snapshot-deletion-plan.ts';
import type { SnapshotView } from './snapshot-view.ts';

/** What is to be done for a snapshot. */
export type SnapshotPlan =
  | { readonly kind: 'leave' }
  /** These are to be on it. */
  | { readonly kind: 'finalize'; readonly finalizers: readonly string[] }
  | { readonly kind: 'setClass'; readonly className: string }
  /** What was wrong is mended: its claim is held from here on. */
  | { readonly kind: 'forgetError' }
  /** Its driver is to be asked for it. */
  | { readonly kind: 'create'; readonly order: SnapshotOrder }
  /** The content that it names is to be its own. */
  | { readonly kind: 'bind'; readonly content: VolumeSnapshotContent }
  /** What its content says. */
  | { readonly kind: 'report'; readonly content: VolumeSnapshotContent }
  | { readonly kind: 'fail'; readonly reason: SnapshotFault; readonly problem: string }
  | SnapshotDeletionPlan;

/** What a content is made from. */
export interface SnapshotOrder {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
  /** As its driver knows the volume. */
  readonly volumeHandle: string;
  readonly snapshotClass: VolumeSnapshotClass;
}

/** Decides what comes next for `snapshot`, in external-snapshotter's order (pkg/common-controller syncSnapshot). Pure. */
export function planSnapshot(snapshot: VolumeSnapshot, view: SnapshotView): SnapshotPlan {
  if (hasFinalizer(snapshot, SNAPSHOT_IN_GROUP_FINALIZER)) return planMember(snapshot, view);
  if (isDeleting(snapshot)) return planSnapshotDeletion(snapshot, view);
  const finalizers = finalizersOf(snapshot, view);
  if (finalizers.some((name) => !hasFinalizer(snapshot, name))) return { kind: 'finalize', finalizers };
  return snapshot.spec.source.volumeSnapshotContentName === undefined ? planDynamic(snapshot, view) : planStatic(snapshot, view.content);
}

/** A member is looked after by its group as long as that is there, and goes with it. */
function planMember(snapshot: VolumeSnapshot, { group }: SnapshotView): SnapshotPlan {
  if (groupOwnerOf(snapshot) === undefined) return { kind: 'leave' };
  if (group === undefined) return { kind: 'release', finalizers: [SNAPSHOT_IN_GROUP_FINALIZER] };
  if (!isDeleting(snapshot) || isDeleting(group)) return { kind: 'leave' };
  const problem = `Snapshot is a member of the VolumeGroupSnapshot ${JSON.stringify(group.metadata.name)} and goes with it: delete the group`;
  return { kind: 'hold', problem };
}

function finalizersOf({ status }: VolumeSnapshot, { content }: SnapshotView): readonly string[] {
  const goesAlong = status?.boundVolumeSnapshotContentName !== undefined && content?.spec.deletionPolicy === 'Delete';
  return goesAlong ? [SNAPSHOT_SOURCE_FINALIZER, SNAPSHOT_BOUND_FINALIZER] : [SNAPSHOT_SOURCE_FINALIZER];
}

function planStatic({ metadata, spec }: VolumeSnapshot, content: VolumeSnapshotContent | undefined): SnapshotPlan {
  const wanted = JSON.stringify(spec.source.volumeSnapshotContentName);
  if (content === undefined)
    return fault(
      'SnapshotContentMissing',
      `VolumeSnapshotContent ${wanted} is missing: create it, with this snapshot in spec.volumeSnapshotRef`,
    );
  if (content.spec.source.snapshotHandle === undefined)
    return fault(
      'SnapshotContentMismatch',
      `VolumeSnapshotContent ${wanted} is dynamically provisioned, of a volume: name one whose spec.source has a snapshotHandle`,
    );
  const { name, namespace, uid = '' } = content.spec.volumeSnapshotRef;
  if (name !== metadata.name || namespace !== metadata.namespace)
    return fault(
      'SnapshotContentMisbound',
      `VolumeSnapshotContent ${wanted} is for the snapshot ${JSON.stringify(`${namespace}/${name}`)}: correct its spec.volumeSnapshotRef`,
    );
  if (uid === '') return { kind: 'bind', content };
  return uid === metadata.uid ? { kind: 'report', content } : misbound('SnapshotContentMisbound', content);
}

function planDynamic(snapshot: VolumeSnapshot, view: SnapshotView): SnapshotPlan {
  const { content } = view;
  if (content !== undefined) {
    if (content.spec.volumeSnapshotRef.uid !== snapshot.metadata.uid) return misbound('SnapshotMisbound', content);
    if (content.spec.source.snapshotHandle !== undefined)
      return fault(
        'SnapshotHandleSet',
        `VolumeSnapshotContent ${JSON.stringify(content.metadata.name)} has a snapshotHandle in spec.source, and the snapshot a claim`,
      );
    return { kind: 'report', content };
  }
  if (snapshot.status?.readyToUse === true)
    return fault(
      'SnapshotContentMissing',
      `VolumeSnapshotContent ${JSON.stringify(dynamicContentNameOf(snapshot.metadata.uid))} is missing: what it named can be had by a new content with its snapshotHandle`,
    );
  return planCreation(snapshot, view);
}

function planCreation(snapshot: VolumeSnapshot, view: SnapshotView): SnapshotPlan {
  const { claim, volume, snapshotClass } = view;
  const className = snapshot.spec.volumeSnapshotClassName;
  const problem = whyNoSource(snapshot, view);
  if (className === undefined) return problem === undefined ? planClass(view) : fault('SetDefaultSnapshotClassFailed', problem);
  if (snapshotClass === undefined)
    return fault(
      'GetSnapshotClassFailed',
      `VolumeSnapshotClass ${JSON.stringify(className)} does not exist: create it, or make a snapshot that names another`,
    );
  if (problem !== undefined) return fault('SnapshotContentCreationFailed', problem);
  const csi = volume?.spec.csi;
  if (claim === undefined || volume === undefined || csi === undefined) return { kind: 'leave' };
  if (csi.driver !== snapshotClass.driver)
    return fault(
      'SnapshotContentCreationFailed',
      `the volume of claim ${JSON.stringify(claim.metadata.name)} is of the driver ${JSON.stringify(csi.driver)}, and the class ${JSON.stringify(className)} of ${JSON.stringify(snapshotClass.driver)}: name a class of the volume's driver`,
    );
  if (snapshot.status?.error !== undefined) return { kind: 'forgetError' };
  return { kind: 'create', order: { claim, volume, volumeHandle: csi.volumeHandle, snapshotClass } };
}

function planClass({ volume, defaultsFor }: SnapshotView): SnapshotPlan {
  const driverName = volume?.spec.csi?.driver ?? '';
  const [first, ...others] = defaultsFor(driverName);
  if (first === undefined)
    return fault(
      'SetDefaultSnapshotClassFailed',
      `there is no default VolumeSnapshotClass for the driver ${JSON.stringify(driverName)}: name a class, or mark one of that driver as the default`,
    );
  if (others.length === 0) return { kind: 'setClass', className: first.metadata.name };
  const names = [first, ...others].map(({ metadata }) => metadata.name).join(', ');
  return fault(
    'SetDefaultSnapshotClassFailed',
    `${others.length + 1} default VolumeSnapshotClasses are there for the driver ${JSON.stringify(driverName)} (${names}): leave one, or name a class`,
  );
}

/** Why nothing can be taken of the claim as it is. */
function whyNoSource({ spec }: VolumeSnapshot, { claim, volume }: SnapshotView): string | undefined {
  const name = `the claim ${JSON.stringify(spec.source.persistentVolumeClaimName)}`;
  if (claim === undefined) return `${name} does not exist: create it first`;
  if (isDeleting(claim)) return `${name} is being deleted`;
  if (claim.status?.phase !== 'Bound' || volumeNameOf(claim) === '')
    return `${name} is not yet bound to a PersistentVolume: it is waited for`;
  if (volume === undefined) return `the volume of ${name} is gone`;
  if (volume.spec.csi === undefined) return `the volume of ${name} is no CSI volume: only drivers take snapshots`;
  return volume.spec.claimRef?.uid === claim.metadata.uid ? undefined : `the volume of ${name} is bound to another claim`;
}

function misbound(reason: SnapshotFault, { metadata, spec }: VolumeSnapshotContent): SnapshotPlan {
  const { namespace, name, uid } = spec.volumeSnapshotRef;
  return fault(
    reason,
    `VolumeSnapshotContent ${JSON.stringify(metadata.name)} is bound to another snapshot, ${namespace}/${name} of uid ${uid}`,
  );
}

function fault(reason: SnapshotFault, problem: string): SnapshotPlan {
  return { kind: 'fail', reason, problem };
}
