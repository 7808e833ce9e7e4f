import { deepEqual } from '#kit/json.ts';
import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';
import { attributesClassOf } from './claim.ts';
import type { ClaimCondition } from './growth.ts';

/** How far the change of a volume's attributes is: `status.modifyVolumeStatus.status` (core/v1 PersistentVolumeClaimModifyVolumeStatus). */
export type ModificationStatus = 'Pending' | 'InProgress' | 'Infeasible';

/** The conditions that tell of a change of attributes; the rest of a claim's conditions are others'. */
type ModificationCondition = 'ModifyingVolume' | 'ModifyVolumeError';

const MODIFICATION_CONDITIONS: ReadonlySet<string> = new Set<ModificationCondition>(['ModifyingVolume', 'ModifyVolumeError']);

/** The VolumeAttributesClass that the volume of `claim` has; `''` for none. */
export function currentAttributesClassOf({ status }: PersistentVolumeClaim): string {
  return status?.currentVolumeAttributesClassName ?? '';
}

/** The VolumeAttributesClass that is tried; `''` where no change is under way. */
export function targetAttributesClassOf({ status }: PersistentVolumeClaim): string {
  return status?.modifyVolumeStatus?.targetVolumeAttributesClassName ?? '';
}

/** Every VolumeAttributesClass that `claim` has, wants or is on the way to, each once. */
export function attributesClassesOf(claim: PersistentVolumeClaim): readonly string[] {
  const names = [attributesClassOf(claim.spec), currentAttributesClassOf(claim), targetAttributesClassOf(claim)];
  return [...new Set(names.filter((name) => name !== ''))];
}

/** What a status patch says of a change of attributes. */
export interface ModificationReport {
  /** `undefined`: no change is under way. */
  readonly progress: { readonly status: ModificationStatus; readonly target: string } | undefined;
  /** The class that the volume has from now on; absent = as it was. */
  readonly current?: string;
  /** The change's conditions from now on. */
  readonly conditions: readonly {
    readonly type: ModificationCondition;
    readonly reason?: string;
    readonly message: string;
  }[];
}

/** The body of the merge patch of `claim`'s status that makes it say `report`, undefined where it says so; carries the resourceVersion that was read, since it holds a list. Pure. */
export function modificationPatch(claim: PersistentVolumeClaim, report: ModificationReport, time: string): object | undefined {
  const others = (claim.status?.conditions ?? []).filter(({ type }) => !MODIFICATION_CONDITIONS.has(type));
  const own = report.conditions.map(({ type, message, reason }): ClaimCondition => {
    const lastTransitionTime = modificationConditionOf(claim, type)?.lastTransitionTime ?? time;
    return { type, status: 'True', lastTransitionTime, message, ...(reason === undefined ? {} : { reason }) };
  });
  const conditions = [...others, ...own];
  if (deepEqual(conditions, claim.status?.conditions ?? []) && saysProgress(claim, report)) return undefined;
  return {
    metadata: { resourceVersion: claim.metadata.resourceVersion },
    status: {
      conditions: conditions.length === 0 ? null : conditions,
      modifyVolumeStatus:
        report.progress === undefined ? null : { status: report.progress.status, targetVolumeAttributesClassName: report.progress.target },
      ...(report.current === undefined ? {} : { currentVolumeAttributesClassName: report.current === '' ? null : report.current }),
    },
  };
}

function saysProgress(claim: PersistentVolumeClaim, { progress, current }: ModificationReport): boolean {
  const isAsIs = current === undefined || current === currentAttributesClassOf(claim);
  return (
    isAsIs && claim.status?.modifyVolumeStatus?.status === progress?.status && targetAttributesClassOf(claim) === (progress?.target ?? '')
  );
}

/** The condition of that type, where it is `True`. */
export function modificationConditionOf(claim: PersistentVolumeClaim, type: ModificationCondition): ClaimCondition | undefined {
  return claim.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

/** How a change of the volume's attributes stands for the claim's user: it goes on by itself, or needs somebody. */
export type ModificationState = 'none' | 'goesOn' | 'blocked';

/** How the change of the claim's attributes stands. */
export function modificationStateOf(claim: PersistentVolumeClaim): ModificationState {
  if (targetAttributesClassOf(claim) === '') return 'none';
  const hasFailed = modificationConditionOf(claim, 'ModifyVolumeError') !== undefined;
  return claim.status?.modifyVolumeStatus?.status === 'InProgress' && !hasFailed ? 'goesOn' : 'blocked';
}
