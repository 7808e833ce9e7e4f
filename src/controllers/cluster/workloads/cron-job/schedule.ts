import { Cron } from 'croner';

/** When a CronJob runs. All times in milliseconds since the Unix epoch. */
export interface Schedule {
  /** The first time after `afterMs`; undefined where there is none. */
  next(afterMs: number): number | undefined;
}

/** `5/15` of robfig/cron, which upstream uses, means `5-59/15`: the last number of each of the five fields. */
const LAST = [59, 23, 31, 12, 6];
const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
/** Shortest time between two runs of `@every`, as upstream rounds it. */
const SHORTEST_EVERY_MS = 1_000;

/** Reads a schedule that the API has accepted; `startMs` is what `@every` counts from. Undefined for what can't be read all the same. */
export function parseSchedule(text: string, timeZone: string | undefined, startMs: number): Schedule | undefined {
  if (text.startsWith('@every ')) return every(text, startMs);
  try {
    const pattern = text.startsWith('@') ? text : text.trim().split(/\s+/).map(withRange).join(' ');
    const cron = new Cron(pattern, { paused: true, timezone: timeZone ?? 'UTC' });
    return { next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() };
  } catch {
    // why: the caller tells the user, with the schedule in its words
    return undefined;
  }
}

function every(text: string, startMs: number): Schedule {
  const parts = [...text.matchAll(/([\d.]+)(ms|h|m|s)/g)];
  const sum = parts.reduce((total, [, amount, unit]) => total + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0);
  const periodMs = Math.max(SHORTEST_EVERY_MS, Math.floor(sum / SHORTEST_EVERY_MS) * SHORTEST_EVERY_MS);
  return { next: (afterMs) => startMs + (Math.floor(Math.max(0, afterMs - startMs) / periodMs) + 1) * periodMs };
}

function withRange(field: string, index: number): string {
  return field
    .split(',')
    .map((range) => range.replace(/^(\w+)\/(\d+)$/, `$1-${LAST[index] ?? 59}/$2`))
    .join(',');
}

/** Times that were missed, counted up to here, are no more told of (cronjob utils.go `mostRecentScheduleTime`). */
export const MANY_MISSED = 100;

/** The last time of `schedule` in (`fromMs`, `nowMs`], and whether there were more than {@link MANY_MISSED}; undefined where there was none. */
export function lastTime(
  schedule: Schedule,
  { fromMs, nowMs }: { readonly fromMs: number; readonly nowMs: number },
): { readonly atMs: number; readonly areMany: boolean } | undefined {
  const first = schedule.next(fromMs);
  if (first === undefined || first > nowMs) return undefined;
  let found = first;
  let count = 1;
  for (let next = schedule.next(found); next !== undefined && next <= nowMs; next = schedule.next(found)) {
    found = next;
    count += 1;
    if (count > MANY_MISSED) return { atMs: lastBySearch(schedule, { fromMs: found, nowMs }), areMany: true };
  }
  return { atMs: found, areMany: false };
}

/** Halves the time in which the last one must be: a schedule that slept for a year is found in some thirty steps. */
function lastBySearch(schedule: Schedule, { fromMs, nowMs }: { readonly fromMs: number; readonly nowMs: number }): number {
  let [low, high] = [fromMs, nowMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const next = schedule.next(middle);
    if (next !== undefined && next <= nowMs) low = next;
    else high = middle;
  }
  return low;
}
