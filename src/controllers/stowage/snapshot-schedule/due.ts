import type { SnapshotSchedule } from '#api/generated/definitions.ts';
import { lastTime, MANY_MISSED, type Schedule } from '../../cluster/workloads/cron-job/schedule.ts';
import { jitterMs } from './run.ts';

/** What is due of a schedule. */
export interface Due {
  /** The time of the run that is to be made now, in milliseconds since the Unix epoch; absent where none is. */
  readonly atMs?: number;
  /** Runs before it that are not made up for, at most {@link MANY_MISSED}. */
  readonly missed: number;
  /** When to look again; absent where there is no next time. */
  readonly lookMs?: number;
  /** The next time of the schedule, for people. */
  readonly nextMs?: number;
}

/** The run that is due at `nowMs`: of several that were missed the last, later by the jitter, and none that is later than its deadline. Pure. */
export function dueRun(object: SnapshotSchedule, { times, nowMs }: { readonly times: Schedule; readonly nowMs: number }): Due {
  const { spec, status, metadata } = object;
  if (spec.suspend === true) return { missed: 0 };
  const fromMs = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp);
  const next = times.next(nowMs);
  const ahead = next === undefined ? {} : { nextMs: next, lookMs: next + jitterMs(object, next) };
  const last = lastTime(times, { fromMs, nowMs });
  if (last === undefined) return { missed: 0, ...ahead };
  const { atMs } = last;
  const beginMs = atMs + jitterMs(object, atMs);
  const missed = countBefore(times, { fromMs, atMs });
  if (nowMs < beginMs) return { missed, ...ahead, lookMs: beginMs };
  const deadlineMs = (spec.startingDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
  return nowMs - beginMs > deadlineMs ? { missed: missed + 1, ...ahead } : { atMs, missed, ...ahead };
}

function countBefore(times: Schedule, { fromMs, atMs }: { readonly fromMs: number; readonly atMs: number }): number {
  let count = 0;
  for (let at = times.next(fromMs); at !== undefined && at < atMs && count < MANY_MISSED; at = times.next(at)) count += 1;
  return count;
}
