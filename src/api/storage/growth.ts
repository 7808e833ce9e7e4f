import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';
import { bytesOf } from '#kit/quantity.ts';
import { requestedBytesOf } from './claim.ts';

/** How far the growth of a claim's volume is: `status.allocatedResourceStatuses.storage` (core/v1 ClaimResourceStatus). */
export type GrowthStatus =
  | 'ControllerResizeInProgress'
  | 'ControllerResizeInfeasible'
  | 'NodeResizePending'
  | 'NodeResizeInProgress'
  | 'NodeResizeInfeasible';

/** A condition of a claim. */
export type ClaimCondition = NonNullable<NonNullable<PersistentVolumeClaim['status']>['conditions']>[number];

/** The conditions that tell of a growth; the rest of a claim's conditions are others'. */
export type GrowthCondition = 'Resizing' | 'FileSystemResizePending' | 'ControllerResizeError' | 'NodeResizeError';

const GROWTH_CONDITIONS: ReadonlySet<string> = new Set<GrowthCondition>([
  'Resizing',
  'FileSystemResizePending',
  'ControllerResizeError',
  'NodeResizeError',
]);

/** How far the growth is; `''` where none is under way. An unknown word is answered as it stands. */
export function growthStatusOf(claim: PersistentVolumeClaim): string {
  return claim.status?.allocatedResourceStatuses?.['storage'] ?? '';
}

/** The size that was last tried, as a quantity; undefined where none was. */
export function allocatedSizeOf(claim: PersistentVolumeClaim): string | undefined {
  return claim.status?.allocatedResources?.['storage'];
}

/** Bytes that the claim's user has; 0 before it is bound. */
export function grantedBytesOf(claim: PersistentVolumeClaim): bigint {
  return bytesOf(claim.status?.capacity?.['storage'] ?? '0');
}

/** True where a bound claim asks for more than it has (external-resizer pvcNeedResize). */
export function wantsGrowth(claim: PersistentVolumeClaim): boolean {
  if (claim.status?.phase !== 'Bound' || claim.status.capacity?.['storage'] === undefined) return false;
  return requestedBytesOf(claim) > grantedBytesOf(claim);
}

/** True where a growth is wanted, or one that was begun has not ended. */
export function isGrowthOpen(claim: PersistentVolumeClaim): boolean {
  return wantsGrowth(claim) || growthStatusOf(claim) !== '';
}

/** True where a growth has failed, so that giving it up is worth offering (`giveUpGrowth`: while the claim asks for more than it has). */
export function canGiveUpGrowth(claim: PersistentVolumeClaim): boolean {
  if (!wantsGrowth(claim) || claim.metadata.deletionTimestamp !== undefined) return false;
  return growthErrorOf(claim) !== undefined || growthStatusOf(claim).endsWith('Infeasible');
}

/** How a growth stands for the claim's user: it goes on by itself, waits for a pod that mounts the volume, or needs somebody. */
export type GrowthState = 'none' | 'goesOn' | 'waitsForPod' | 'failed';

/** How the claim's growth stands; `isUsed`: a pod names the claim. */
export function growthStateOf(claim: PersistentVolumeClaim, isUsed: boolean): GrowthState {
  const status = growthStatusOf(claim);
  if (growthErrorOf(claim) !== undefined || status.endsWith('Infeasible')) return 'failed';
  const waitsForNode = growthConditionOf(claim, 'FileSystemResizePending') !== undefined || status === 'NodeResizePending';
  if (waitsForNode && !isUsed) return 'waitsForPod';
  const isResizing = growthConditionOf(claim, 'Resizing') !== undefined;
  return waitsForNode || isResizing || wantsGrowth(claim) ? 'goesOn' : 'none';
}

/** What the driver or the node said when the growth failed; undefined where neither did. */
export function growthErrorOf(claim: PersistentVolumeClaim): ClaimCondition | undefined {
  return growthConditionOf(claim, 'ControllerResizeError') ?? growthConditionOf(claim, 'NodeResizeError');
}

/** True where the volume has grown at its backend and the node is next. */
export function isNodeGrowthDue(claim: PersistentVolumeClaim): boolean {
  const status = growthStatusOf(claim);
  return claim.status?.phase === 'Bound' && (status === 'NodeResizePending' || status === 'NodeResizeInProgress');
}

/** What a status patch says of a growth. */
export interface GrowthReport {
  /** `null`: the growth is over. */
  readonly status: GrowthStatus | null;
  /** The size that is tried; absent = as it was. */
  readonly allocated?: string;
  /** The size that the user has now; absent = as it was. */
  readonly granted?: string;
  /** The growth's conditions from now on. */
  readonly conditions: readonly GrowthConditionDraft[];
}

/** A growth's condition, always `True`. */
export interface GrowthConditionDraft {
  readonly type: GrowthCondition;
  readonly message?: string;
}

/** The body of the merge patch of `claim`'s status that makes it say `report`; carries the resourceVersion that was read, since it holds a list. Pure. */
export function growthPatch(claim: PersistentVolumeClaim, report: GrowthReport, time: string): object {
  const statuses = claim.status?.allocatedResourceStatuses ?? {};
  const conditions = conditionsAfter(claim, report.conditions, time);
  const isLast = report.status === null && Object.keys(statuses).every((resource) => resource === 'storage');
  return {
    metadata: { resourceVersion: claim.metadata.resourceVersion },
    status: {
      conditions: conditions.length === 0 ? null : conditions,
      allocatedResourceStatuses: isLast ? null : { storage: report.status },
      ...(report.allocated === undefined ? {} : { allocatedResources: { storage: report.allocated } }),
      ...(report.granted === undefined ? {} : { capacity: { storage: report.granted } }),
    },
  };
}

/** The condition of that type, where it is `True`. */
export function growthConditionOf(claim: PersistentVolumeClaim, type: GrowthCondition): ClaimCondition | undefined {
  return claim.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

function conditionsAfter(claim: PersistentVolumeClaim, drafts: readonly GrowthConditionDraft[], time: string): readonly ClaimCondition[] {
  const others = (claim.status?.conditions ?? []).filter(({ type }) => !GROWTH_CONDITIONS.has(type));
  const own = drafts.map(({ type, message }): ClaimCondition => {
    const lastTransitionTime = growthConditionOf(claim, type)?.lastTransitionTime ?? time;
    return { type, status: 'True', lastTransitionTime, ...(message === undefined ? {} : { message }) };
  });
  return [...others, ...own];
}
