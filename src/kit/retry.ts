/** Exponential delays. */
export interface BackoffPolicy {
  /** First delay. */
  readonly initialMs: number;
  /** No delay is longer. */
  readonly maxMs: number;
  readonly factor: number;
}

/** Retries of a controller's item: 5 ms doubling to 5 min (client-go workqueue's first delay; upper bound of the CSI sidecars). */
export const RECONCILE_BACKOFF: BackoffPolicy = { initialMs: 5, maxMs: 300_000, factor: 2 };

/** The delay before try number `attempt` (0 = the first retry), in milliseconds. */
export function backoffMs(policy: BackoffPolicy, attempt: number): number {
  // why: the exponent is capped because 2^1024 is Infinity and Infinity * 0 is NaN
  return Math.min(policy.maxMs, policy.initialMs * policy.factor ** Math.min(attempt, 64));
}
