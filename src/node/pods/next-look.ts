/** What decides when a pod is looked at again although nothing was heard. Times are milliseconds since the epoch. */
export interface NextLook {
  readonly nowMs: number;
  /** When the plan wants to go on; absent = nothing is due by time. */
  readonly wakeAtMs?: number | undefined;
  /** When each pending problem is to be tried again. */
  readonly retryAtMs: readonly number[];
  /** A container has been spawned and has not shown itself yet. */
  readonly isStarting: boolean;
}

/** Running containers are looked at this often although nothing was heard: their shim may have been killed. */
const RUNNING_CHECK_MS = 30_000;
/** A starting container is looked at this often although nothing was heard. */
export const STARTING_CHECK_MS = 1_000;

/** After how many milliseconds to look again. Pure. */
export function nextLookMs(look: NextLook): number {
  const { nowMs, wakeAtMs, retryAtMs, isStarting } = look;
  // why: a try that is due was made by the look that asks, or waits for something else (a main container for its sidecar's back-off);
  // counting it would look again at once, without end
  const times = [wakeAtMs ?? Number.POSITIVE_INFINITY, ...retryAtMs.filter((atMs) => atMs > nowMs)];
  return Math.max(0, Math.min(isStarting ? STARTING_CHECK_MS : RUNNING_CHECK_MS, ...times.map((time) => time - nowMs)));
}
