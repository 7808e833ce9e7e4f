import { isConditionTrue } from './conditions.ts';
import type { Pod, PodDisruptionBudget } from './generated/kubernetes.ts';
import { matchesLabelSelector } from './meta/selector.ts';

/** True where the budget is for the pod; one without a selector is for none (policy/v1: an empty selector is for all). */
export function budgetCovers({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean {
  return spec.selector !== undefined && matchesLabelSelector(spec.selector, metadata.labels);
}

/** True for a pod that counts: it is ready and stays. */
export function isPodHealthy({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && isConditionTrue(status?.conditions, 'Ready');
}

/** True for a pod whose end disturbs nobody: it runs not yet, or no longer (registry/core/pod `canIgnorePDB`). */
export function isFreeToGo({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? 'Pending');
}
