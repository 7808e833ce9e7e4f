import { fail, ok, type Result } from '#kit/errors.ts';

/** RFC 3339 (section 5.6) as Go's parser takes it: a comma is a dot, a second has any number of digits behind it. */
const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;
const MS_PER_MINUTE = 60_000;

/** A moment. */
export interface ReadTime {
  /** Whole seconds since the epoch, in milliseconds. */
  readonly epochMs: number;
  /** Digits of the second's fraction; `''` = none. */
  readonly fraction: string;
}

/** Reads a time strictly: a 30th of February is none. The error is Go's (`time.Parse`). */
export function readTime(text: string): Result<ReadTime> {
  const match = RFC3339.exec(text);
  if (match === null) return fail(`cannot parse ${JSON.stringify(text.slice(0, 100))}`);
  const [year = 0, month = 0, day = 0, ...clock] = match.slice(1, 7).map(Number);
  const zone = match.slice(9).map((digits) => Number(digits ?? 0));
  const fault = dateFault(year, month, day) ?? firstTooLarge(clock, CLOCK_LIMITS) ?? firstTooLarge(zone, ZONE_LIMITS);
  if (fault !== undefined) return fail(fault);
  const date = new Date(0);
  // why not Date.UTC: it takes the years 0 to 99 for those of the last century
  date.setUTCFullYear(year, month - 1, day);
  const zoneMs = msOf(zone) * (match[8] === '-' ? -1 : 1);
  return ok({ epochMs: date.getTime() + msOf(clock) - zoneMs, fraction: match[7] ?? '' });
}

function msOf([hours = 0, minutes = 0, seconds = 0]: readonly number[]): number {
  return hours * 60 * MS_PER_MINUTE + minutes * MS_PER_MINUTE + seconds * 1000;
}

type Limits = readonly (readonly [name: string, max: number])[];

const CLOCK_LIMITS: Limits = [
  ['hour', 23],
  ['minute', 59],
  ['second', 59],
];
/** Where Go draws the line. */
const ZONE_LIMITS: Limits = [
  ['time zone offset hour', 24],
  ['time zone offset minute', 60],
];

function firstTooLarge(values: readonly number[], limits: Limits): string | undefined {
  const found = limits.find(([, max], index) => (values[index] ?? 0) > max);
  return found === undefined ? undefined : `${found[0]} out of range`;
}

/** Why a day is none; undefined where it is one. */
export function dateFault(year: number, month: number, day: number): string | undefined {
  if (month < 1 || month > 12) return 'month out of range';
  return day < 1 || day > daysIn(year, month) ? 'day out of range' : undefined;
}

function daysIn(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (month === 2) return isLeap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
