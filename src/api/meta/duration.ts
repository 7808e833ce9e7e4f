const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/**
 * How long ago, as kubectl prints it: two units while it is short, one when it is long (apimachinery pkg/util/duration `HumanDuration`).
 * Times in the future by less than two seconds count as now.
 */
export function formatDuration(durationMs: number): string {
  if (durationMs <= -2 * SECOND) return '<invalid>';
  if (durationMs < 0) return '0s';
  const table: readonly (readonly [limitMs: number, text: (ms: number) => string])[] = [
    [2 * MINUTE, (ms) => `${Math.floor(ms / SECOND)}s`],
    [10 * MINUTE, (ms) => pair([ms, MINUTE, 'm'], [SECOND, 's'])],
    [3 * HOUR, (ms) => `${Math.floor(ms / MINUTE)}m`],
    [8 * HOUR, (ms) => pair([ms, HOUR, 'h'], [MINUTE, 'm'])],
    [2 * DAY, (ms) => `${Math.floor(ms / HOUR)}h`],
    [8 * DAY, (ms) => pair([ms, DAY, 'd'], [HOUR, 'h'])],
    [2 * YEAR, (ms) => `${Math.floor(ms / DAY)}d`],
    [8 * YEAR, (ms) => pair([ms, YEAR, 'y'], [DAY, 'd'])],
  ];
  const row = table.find(([limitMs]) => durationMs < limitMs);
  return row === undefined ? `${Math.floor(durationMs / YEAR)}y` : row[1](durationMs);
}

/** The age of something stamped with an RFC 3339 time; `<unknown>` where there is no time. */
export function formatAge(time: string | undefined, nowMs: number): string {
  const epochMs = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(epochMs) ? '<unknown>' : formatDuration(nowMs - epochMs);
}

function pair([ms, unit, name]: readonly [number, number, string], [smaller, smallerName]: readonly [number, string]): string {
  const rest = Math.floor((ms % unit) / smaller);
  return `${Math.floor(ms / unit)}${name}${rest === 0 ? '' : `${rest}${smallerName}`}`;
}
