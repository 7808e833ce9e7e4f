import { findCondition, withCondition } from '#api/conditions.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimCondition, Pod } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { formatTime } from '#kit/clock.ts';

/** Condition of a claim that says whether a pod uses it; the time of its last change is since when (KEP-5541). */
export const UNUSED = 'Unused';

/** True where `pod` uses its claims: scheduled or not, but for one that has ended. Pure. */
export function usesClaims({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/**
 * The conditions that the claim is to have; undefined where it has them. A claim that no pod has ever used has none, and on one that is
 * to go nothing is written. Pure.
 */
export function planUsage(
  claim: PersistentVolumeClaim,
  { isUsed, nowMs }: { readonly isUsed: boolean; readonly nowMs: number },
): readonly PersistentVolumeClaimCondition[] | undefined {
  if (isDeleting(claim)) return undefined;
  const conditions = claim.status?.conditions;
  const current = findCondition(conditions, UNUSED);
  const wanted = isUsed ? USED : IDLE;
  if (current?.status === wanted.status || (current === undefined && !isUsed)) return undefined;
  return withCondition(conditions, { ...wanted, lastTransitionTime: formatTime(nowMs) });
}

const USED = { type: UNUSED, status: 'False', reason: 'PodUsingPVC', message: 'A pod uses the claim' } as const;
const IDLE = { type: UNUSED, status: 'True', reason: 'NoPodsUsingPVC', message: 'No pod uses the claim' } as const;
