import { parseGoDuration } from '#kit/go-duration.ts';
import { CelError, Duration, Timestamp } from './value.ts';

export const NANOS_PER_SECOND = 1_000_000_000n;
const NANOS_PER_MS = 1_000_000n;
/** Years 1 to 9999. */
const FIRST = -62_135_596_800n * NANOS_PER_SECOND;
const LAST = 253_402_300_799n * NANOS_PER_SECOND + 999_999_999n;

/** A span in the form of Go's `time.ParseDuration`; undefined where it is none. */
export function parseDuration(text: string): Duration | undefined {
  const nanos = parseGoDuration(text);
  return nanos === undefined ? undefined : new Duration(nanos);
}

/** Seconds, as a text that `parseDuration` reads. */
export function formatDuration({ nanos }: Duration): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  const fraction = String(magnitude % NANOS_PER_SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${magnitude / NANOS_PER_SECOND}${fraction === '' ? '' : `.${fraction}`}s`;
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})$/;

/** A time of RFC 3339; undefined where it is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const [, date = '', time = '', fraction = '', zone = ''] = RFC3339.exec(text) ?? [];
  const ms = Date.parse(`${date}T${time}Z`);
  const offset = zone.toUpperCase() === 'Z' || zone === '' ? 0n : offsetNanos(zone);
  // why: 30 February is read as 2 March
  if (Number.isNaN(ms) || offset === undefined || !new Date(ms).toISOString().startsWith(date)) return undefined;
  return inRange(BigInt(ms) * NANOS_PER_MS + BigInt(fraction.padEnd(9, '0')) - offset);
}

/** A time that has a year of four digits; undefined for others. */
export function inRange(nanos: bigint): Timestamp | undefined {
  return nanos < FIRST || nanos > LAST ? undefined : new Timestamp(nanos);
}

/** RFC 3339 in UTC, with as many digits as there are. */
export function formatTimestamp({ nanos }: Timestamp): string {
  const seconds = floorDivide(nanos, NANOS_PER_SECOND);
  const fraction = String(nanos - seconds * NANOS_PER_SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** Division that rounds down, also below zero. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** `+02:00` and the like in nanoseconds. */
function offsetNanos(zone: string): bigint | undefined {
  const [, sign, hours, minutes] = /^([+-]?)(\d{2}):(\d{2})$/.exec(zone) ?? [];
  if (hours === undefined || minutes === undefined) return undefined;
  const nanos = (BigInt(hours) * 60n + BigInt(minutes)) * 60n * NANOS_PER_SECOND;
  return sign === '-' ? -nanos : nanos;
}

/** The time as a clock of `zone` (a name, or an offset) shows it, as a date of UTC. */
export function wallClock({ nanos }: Timestamp, zone: string | undefined): Date | CelError {
  const ms = Number(floorDivide(nanos, NANOS_PER_MS));
  if (zone === undefined || zone === 'UTC') return new Date(ms);
  const offset = offsetNanos(zone);
  if (offset !== undefined) return new Date(ms + Number(offset / NANOS_PER_MS));
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    }).formatToParts(ms);
    const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
    const [year, month, day] = [part('year'), part('month'), part('day')];
    return new Date(Date.UTC(year, month - 1, day, part('hour'), part('minute'), part('second'), ((ms % 1000) + 1000) % 1000));
  } catch {
    // why: the runtime throws for names that it does not know
    return new CelError(`unknown time zone ${zone}`);
  }
}
