import type { Pod } from '#api/generated/kubernetes.ts';

/** What a pod shows that was active for longer than `activeDeadlineSeconds`, in kubelet's words. */
export const DEADLINE_EXCEEDED = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
} as const;

/** When the pod may be active no longer, milliseconds since the epoch; undefined where it has no deadline or has not begun. Pure. */
export function deadlineMsOf({ spec, status }: Pod): number | undefined {
  const { activeDeadlineSeconds: seconds } = spec;
  const { startTime } = status ?? {};
  return seconds === undefined || startTime === undefined ? undefined : Date.parse(startTime) + seconds * 1000;
}
