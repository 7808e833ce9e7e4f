import type { Pod } from '#api/generated/kubernetes.ts';
import { findCondition } from '#api/conditions.ts';

/** True for a pod that ended, with or without success. */
export function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** True for a pod that runs or will run (kubernetes controller_utils `IsPodActive`). */
export function isActive(pod: Pod): boolean {
  return !isOver(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** True for a pod whose condition Ready says so. */
export function isReady({ status }: Pod): boolean {
  return findCondition(status?.conditions, 'Ready')?.status === 'True';
}

/** Milliseconds until `pod` has been ready for `minReadySec` seconds: 0 where it has, undefined where it is not ready (podutil `IsPodAvailable`). */
export function msUntilAvailable(pod: Pod, minReadySec: number, nowMs: number): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySec === 0) return 0;
  return Math.max(0, readySinceMs(pod, nowMs) + minReadySec * 1000 - nowMs);
}

/** When `pod` became ready, in milliseconds since the Unix epoch; `orElseMs` where nobody says. */
export function readySinceMs({ status }: Pod, orElseMs: number): number {
  const since = Date.parse(findCondition(status?.conditions, 'Ready')?.lastTransitionTime ?? '');
  return Number.isNaN(since) ? orElseMs : since;
}

/** How often the containers of `pod` were started again. */
export function restartsOf({ status }: Pod): number {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].reduce(
    (sum, { restartCount }) => sum + restartCount,
    0,
  );
}

/** How many of `pods` are ready, how many for long enough, and when the next of them will be; times in milliseconds, `minReadySec` in seconds. */
export function countReady(pods: readonly Pod[], minReadySec: number, nowMs: number): ReadyCounts {
  const waits = pods.map((pod) => msUntilAvailable(pod, minReadySec, nowMs)).filter((wait) => wait !== undefined);
  const pending = waits.filter((wait) => wait > 0);
  return {
    ready: waits.length,
    available: waits.length - pending.length,
    ...(pending.length === 0 ? {} : { nextMs: Math.min(...pending) }),
  };
}

/** What {@link countReady} answers. */
export interface ReadyCounts {
  readonly ready: number;
  readonly available: number;
  /** Until one more is available, with nothing else happening. */
  readonly nextMs?: number;
}
