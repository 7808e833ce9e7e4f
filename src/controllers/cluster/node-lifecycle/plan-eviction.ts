import type { Pod, Taint } from '#api/generated/kubernetes.ts';
import { toDouble } from '#kit/exact-json.ts';
import { tolerates } from '../scheduling/node-fit.ts';

/** What comes next for a pod on a tainted node. */
export type EvictionPlan = { readonly kind: 'stay' } | { readonly kind: 'evict' } | { readonly kind: 'later'; readonly delayMs: number };

/** The taints that put pods out. */
export function evictingTaints(taints: readonly Taint[] | undefined): readonly Taint[] {
  return (taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

/**
 * Decides whether `pod` bears the taints of its node, and how long: of each taint the shortest of the tolerations that cover it counts
 * (tainteviction `processPodOnNode`). `sinceMs`: since when a taint is there. Pure.
 */
export function planEviction(
  pod: Pod,
  taints: readonly Taint[],
  { sinceMs, nowMs }: { readonly sinceMs: (taint: Taint) => number; readonly nowMs: number },
): EvictionPlan {
  const ends = taints.map((taint) => {
    const covering = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    const seconds = covering.map(({ tolerationSeconds }) => Math.max(0, toDouble(tolerationSeconds ?? Infinity)));
    return covering.length === 0 ? -Infinity : sinceMs(taint) + Math.min(...seconds) * 1000;
  });
  const endMs = Math.min(Infinity, ...ends);
  if (endMs === Infinity) return { kind: 'stay' };
  return endMs <= nowMs ? { kind: 'evict' } : { kind: 'later', delayMs: endMs - nowMs };
}
