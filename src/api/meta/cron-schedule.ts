import { fail, ok, type Result } from '#kit/errors.ts';

interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names for numbers, the first for `min`. */
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly CronField[] = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day of month', min: 1, max: 31, names: [] },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'day of week', min: 0, max: 6, names: DAYS },
];
const WORDS: ReadonlySet<string> = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
/** A duration of Go (`1h30m`) behind `@every`. */
const EVERY = /^@every (\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/;

/** Says what is wrong with a schedule in cron's five fields, or one of its words (robfig/cron `ParseStandard`, as upstream uses it). */
export function checkCronSchedule(schedule: string): Result<void> {
  if (schedule.startsWith('@')) {
    return WORDS.has(schedule) || EVERY.test(schedule) ? ok(undefined) : fail(`unrecognized descriptor: ${schedule}`);
  }
  const parts = schedule.split(/\s+/).filter((part) => part !== '');
  if (parts.length !== FIELDS.length) return fail(`expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`);
  for (const [index, field] of FIELDS.entries()) {
    const fault = (parts[index] ?? '')
      .split(',')
      .map((range) => faultOfRange(range, field))
      .find((text) => text !== undefined);
    if (fault !== undefined) return fail(`${fault} (${field.name}: ${field.min} to ${field.max})`);
  }
  return ok(undefined);
}

function faultOfRange(range: string, field: CronField): string | undefined {
  const [span = '', step, ...others] = range.split('/');
  if (others.length > 0) return `too many slashes: ${range}`;
  const fault = step === undefined ? undefined : faultOfStep(step, range);
  return fault ?? (span === '*' || span === '?' ? undefined : faultOfSpan(span, range, field));
}

function faultOfStep(step: string, range: string): string | undefined {
  if (!/^\d+$/.test(step)) return `failed to parse int from ${step}`;
  return Number(step) === 0 ? `step of range should be a positive number: ${range}` : undefined;
}

function faultOfSpan(span: string, range: string, field: CronField): string | undefined {
  const ends = span.split('-');
  if (ends.length > 2) return `too many hyphens: ${range}`;
  const [start, end = start] = ends.map((text) => numberOf(text, field));
  if (start === undefined || end === undefined) return `failed to parse int from ${span}`;
  if (start < field.min) return `beginning of range (${start}) below minimum (${field.min}): ${range}`;
  if (end > field.max) return `end of range (${end}) above maximum (${field.max}): ${range}`;
  return start > end ? `beginning of range (${start}) beyond end of range (${end}): ${range}` : undefined;
}

function numberOf(text: string, { names, min }: CronField): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? undefined : index + min;
}
