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
  const [fraction = '', sign] = match.slice(7, 9);
  const [year = 0, month = 0, day = 0, h = 0, m = 0, s = 0] = match.slice(1, 7).map(Number);
  const [zh = 0, zm = 0] = match.slice(9).map((digits) => Number(digits ?? 0));
  const fault = dateFault(year, month, day) ?? clockFault({ h, m, s, zh, zm });
  if (fault !== undefined) return fail(fault);
  const date = new Date(0);
  // why not Date.UTC: it takes the years 0 to 99 for those of the last century
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(h, m, s);
  const zoneMs = (zh * 60 + zm) * MS_PER_MINUTE * (sign === '-' ? -1 : 1);
  return ok({ epochMs: date.getTime() - zoneMs, fraction });
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

function clockFault(at: Readonly<Record<'h' | 'm' | 's' | 'zh' | 'zm', number>>): string | undefined {
  if (at.h > 23) return 'hour out of range';
  if (at.m > 59) return 'minute out of range';
  if (at.s > 59) return 'second out of range';
  // why so far: that is where Go draws the line
  if (at.zh > 24) return 'time zone offset hour out of range';
  return at.zm > 60 ? 'time zone offset minute out of range' : undefined;
}
