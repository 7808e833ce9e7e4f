import type { VolumeGroupSnapshot, VolumeGroupSnapshotClass } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { type GroupFault, groupFault } from './group-fault.ts';
import type { GroupView, SelectedClaim } from './group-view.ts';

/** What a content is made from. */
export interface GroupOrder {
  readonly groupClass: VolumeGroupSnapshotClass;
  readonly sources: readonly GroupSource[];
}

/** A claim of which a snapshot is to be taken, and its volume as its driver knows it. */
export interface GroupSource {
  readonly claim: PersistentVolumeClaim;
  readonly driverName: string;
  readonly volumeHandle: string;
}

/** What is to be done for a group that has no content yet. */
export type GroupCreationPlan =
  | { readonly kind: 'setClass'; readonly className: string }
  /** What was wrong is mended: its claims are held from here on. */
  | { readonly kind: 'forgetError' }
  /** Its driver is to be asked for it. */
  | { readonly kind: 'create'; readonly order: GroupOrder }
  | GroupFault;

/** Decides of which claims a group is taken, and by which class. Pure. */
export function planGroupCreation(group: VolumeGroupSnapshot, view: GroupView): GroupCreationPlan {
  const className = group.spec.volumeGroupSnapshotClassName;
  if (className !== undefined && view.groupClass === undefined)
    return groupFault(
      'GetGroupSnapshotClassFailed',
      `VolumeGroupSnapshotClass ${JSON.stringify(className)} does not exist: create it, or make a group that names another`,
    );
  const selected = view.selected();
  if (!selected.ok) return groupFault('GroupSnapshotValidationError', `spec.source.selector: ${selected.error}: make a group with another`);
  const reason = className === undefined ? 'SetDefaultGroupSnapshotClassFailed' : 'GroupSnapshotContentCreationFailed';
  const sources = sourcesOf(selected.value);
  if (typeof sources === 'string') return groupFault(reason, sources);
  const problem = driverProblem(sources, view.groupClass);
  if (problem !== undefined) return groupFault(reason, problem);
  if (view.groupClass === undefined) return planClass(sources, view);
  if (group.status?.error !== undefined) return { kind: 'forgetError' };
  return { kind: 'create', order: { groupClass: view.groupClass, sources } };
}

/** What is taken, or why nothing can be. */
function sourcesOf(selected: readonly SelectedClaim[]): readonly GroupSource[] | string {
  if (selected.length === 0) return 'spec.source.selector matches no claim of this namespace: label the claims, and the group follows';
  const sources: GroupSource[] = [];
  for (const each of selected) {
    const source = sourceOf(each);
    if (typeof source === 'string') return source;
    sources.push(source);
  }
  return sources;
}

function sourceOf({ claim, volume }: SelectedClaim): GroupSource | string {
  const name = `the claim ${JSON.stringify(claim.metadata.name)}`;
  if (isDeleting(claim)) return `${name} is being deleted: it is waited for, or take its labels off`;
  if (claim.status?.phase !== 'Bound' || volumeNameOf(claim) === '')
    return `${name} is not yet bound to a PersistentVolume: it is waited for`;
  if (volume === undefined) return `the volume of ${name} is gone`;
  const { csi } = volume.spec;
  if (csi === undefined) return `the volume of ${name} is no CSI volume, and only drivers take snapshots: take its labels off`;
  if (!isOf(volume, claim)) return `the volume of ${name} is bound to another claim`;
  return { claim, driverName: csi.driver, volumeHandle: csi.volumeHandle };
}

function isOf({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  return spec.claimRef?.uid === metadata.uid;
}

function driverProblem(sources: readonly GroupSource[], groupClass: VolumeGroupSnapshotClass | undefined): string | undefined {
  const wanted = groupClass?.driver ?? sources[0]?.driverName;
  const other = sources.find(({ driverName }) => driverName !== wanted);
  if (other === undefined) return undefined;
  const of = `the volume of the claim ${JSON.stringify(other.claim.metadata.name)} is of the driver ${JSON.stringify(other.driverName)}`;
  return groupClass === undefined
    ? `${of}, and others of ${JSON.stringify(wanted)}: a group is of one driver, so select fewer`
    : `${of}, and the class ${JSON.stringify(groupClass.metadata.name)} of ${JSON.stringify(wanted)}: select the claims of one driver, and name a class of it`;
}

function planClass([source]: readonly GroupSource[], { defaultsFor }: GroupView): GroupCreationPlan {
  const driverName = source?.driverName ?? '';
  const [first, ...others] = defaultsFor(driverName);
  if (first === undefined)
    return groupFault(
      'SetDefaultGroupSnapshotClassFailed',
      `there is no default VolumeGroupSnapshotClass for the driver ${JSON.stringify(driverName)}: name a class, or mark one of that driver as the default`,
    );
  if (others.length === 0) return { kind: 'setClass', className: first.metadata.name };
  const names = [first, ...others].map(({ metadata }) => metadata.name).join(', ');
  return groupFault(
    'SetDefaultGroupSnapshotClassFailed',
    `${others.length + 1} default VolumeGroupSnapshotClasses are there for the driver ${JSON.stringify(driverName)} (${names}): leave one, or name a class`,
  );
}
