import {
  formatDuration,
  formatTimestamp,
  floorDivide,
  NANOS_PER_SECOND,
  parseDuration,
  parseTimestamp,
  wallClock,
} from '../values/time.ts';
import { CelError, type CelMap, type CelValue, Duration, Timestamp, TypeValue, typeNameOf, Uint } from '../values/value.ts';
import { declare, type Overload } from './declare.ts';
import { intOf, uintResult } from './operators.ts';

const INT_RANGE = new CelError('integer overflow');

function toInt(value: number): CelValue {
  // why: beyond 2^63 a double has no int; NaN and infinity neither
  return Number.isFinite(value) && value > -(2 ** 63) && value < 2 ** 63 ? BigInt(Math.trunc(value)) : INT_RANGE;
}

function toUint(value: number): CelValue {
  return Number.isFinite(value) && value >= 0 && value < 2 ** 64
    ? new Uint(BigInt(Math.trunc(value)))
    : new CelError('unsigned integer overflow');
}

function noConversion(type: string): CelError {
  return new CelError(`type conversion error from 'string' to '${type}'`);
}

/** Exponents from which a double is written with them: as Go's strconv, which takes the fewest digits. */
const SMALL_EXPONENT = -4;
const LARGE_EXPONENT = 6;

/** A double with the fewest digits that say it. */
export function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const scientific = value.toExponential();
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1));
  const isPlain = exponent >= SMALL_EXPONENT && exponent < LARGE_EXPONENT;
  return value === 0 || isPlain ? String(value) : scientific.replace(/e([+-])(\d)$/, 'e$10$2');
}

function decodeText(bytes: Uint8Array): CelValue {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // why: the decoder throws where it is no UTF-8
    return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const BOOLS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

const DOUBLE_TEXT = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$/i;

function toDouble(text: string): number | undefined {
  if (!DOUBLE_TEXT.test(text)) return undefined;
  if (/nan/i.test(text)) return Number.NaN;
  return /inf/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
}

function wholeText(text: string, sign: RegExp): bigint | undefined {
  return sign.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
}

const CONVERSIONS: readonly Overload[] = [
  declare('int(int) -> int', 'int64_to_int64', (value: bigint) => value),
  declare('int(uint) -> int', 'uint64_to_int64', ({ value }: Uint) => intOf(value)),
  declare('int(double) -> int', 'double_to_int64', toInt),
  declare('int(timestamp) -> int', 'timestamp_to_int64', ({ nanos }: Timestamp) => floorDivide(nanos, NANOS_PER_SECOND)),
  declare('int(duration) -> int', 'duration_to_int64', ({ nanos }: Duration) => nanos),
  declare('int(string) -> int', 'string_to_int64', (text: string) => {
    const value = wholeText(text, /^[+-]?\d+$/);
    return value === undefined ? noConversion('int') : intOf(value);
  }),
  declare('uint(uint) -> uint', 'uint64_to_uint64', (value: Uint) => value),
  declare('uint(int) -> uint', 'int64_to_uint64', (value: bigint) => uintResult(value)),
  declare('uint(double) -> uint', 'double_to_uint64', toUint),
  declare('uint(string) -> uint', 'string_to_uint64', (text: string) => {
    const value = wholeText(text, /^\d+$/);
    return value === undefined ? noConversion('uint') : uintResult(value);
  }),
  declare('double(double) -> double', 'double_to_double', (value: number) => value),
  declare('double(int) -> double', 'int64_to_double', Number),
  declare('double(uint) -> double', 'uint64_to_double', ({ value }: Uint) => Number(value)),
  declare('double(string) -> double', 'string_to_double', (text: string) => toDouble(text) ?? noConversion('double')),
  declare('bool(bool) -> bool', 'bool_to_bool', (value: boolean) => value),
  declare('bool(string) -> bool', 'string_to_bool', (text: string) => BOOLS.get(text) ?? noConversion('bool')),
  declare('string(string) -> string', 'string_to_string', (value: string) => value),
  declare('string(bool) -> string', 'bool_to_string', String),
  declare('string(int) -> string', 'int64_to_string', String),
  declare('string(uint) -> string', 'uint64_to_string', ({ value }: Uint) => String(value)),
  declare('string(double) -> string', 'double_to_string', formatDouble),
  declare('string(bytes) -> string', 'bytes_to_string', decodeText),
  declare('string(timestamp) -> string', 'timestamp_to_string', formatTimestamp),
  declare('string(duration) -> string', 'duration_to_string', formatDuration),
  declare('bytes(bytes) -> bytes', 'bytes_to_bytes', (value: Uint8Array) => value),
  declare('bytes(string) -> bytes', 'string_to_bytes', (text: string) => new Uint8Array(Buffer.from(text))),
  declare('timestamp(timestamp) -> timestamp', 'timestamp_to_timestamp', (value: Timestamp) => value),
  declare('timestamp(int) -> timestamp', 'int64_to_timestamp', (seconds: bigint) => new Timestamp(seconds * NANOS_PER_SECOND)),
  declare(
    'timestamp(string) -> timestamp',
    'string_to_timestamp',
    (text: string) => parseTimestamp(text) ?? noConversion('google.protobuf.Timestamp'),
  ),
  declare('duration(duration) -> duration', 'duration_to_duration', (value: Duration) => value),
  declare('duration(int) -> duration', 'int64_to_duration', (nanos: bigint) => new Duration(nanos)),
  declare(
    'duration(string) -> duration',
    'string_to_duration',
    (text: string) => parseDuration(text) ?? noConversion('google.protobuf.Duration'),
  ),
  declare('dyn(A) -> dyn', 'to_dyn', (value: CelValue) => value),
  declare('type(A) -> type', 'type', (value: CelValue) => new TypeValue(typeNameOf(value))),
];

const characters = (text: string): bigint => BigInt(/[\uD800-\uDFFF]/.test(text) ? Array.from(text).length : text.length);

const SIZES: readonly Overload[] = ['', 'member'].flatMap((form) => {
  const at = (type: string): string => (form === '' ? `size(${type}) -> int` : `${type}.size() -> int`);
  const id = (type: string): string => (form === '' ? `size_${type}` : `${type}_size`);
  return [
    declare(at('string'), id('string'), characters),
    declare(at('bytes'), id('bytes'), (bytes: Uint8Array) => BigInt(bytes.length)),
    declare(at('list(A)'), id('list'), (list: readonly CelValue[]) => BigInt(list.length)),
    declare(at('map(A, B)'), id('map'), (map: CelMap) => BigInt(map.size)),
  ];
});

const DAY_MS = 86_400_000;
/** Parts of a time, as its clock shows it. */
const PARTS: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDayOfYear: (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDate: (date) => date.getUTCDate(),
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

/** Nanoseconds in each part of a span. */
const SPANS: Readonly<Record<string, bigint>> = {
  getHours: 3_600n * NANOS_PER_SECOND,
  getMinutes: 60n * NANOS_PER_SECOND,
  getSeconds: NANOS_PER_SECOND,
  getMilliseconds: 1_000_000n,
};

const TIMES: readonly Overload[] = [
  ...Object.entries(PARTS).flatMap(([name, read]) => {
    const run = (time: Timestamp, zone?: string): CelValue => {
      const clock = wallClock(time, zone);
      return clock instanceof CelError ? clock : BigInt(read(clock));
    };
    return [
      declare(`timestamp.${name}() -> int`, `timestamp_${name}`, run),
      declare(`timestamp.${name}(string) -> int`, `timestamp_${name}_tz`, run),
    ];
  }),
  ...Object.entries(SPANS).map(([name, unit]) => {
    const run = ({ nanos }: Duration): CelValue => (name === 'getMilliseconds' ? (nanos % NANOS_PER_SECOND) / unit : nanos / unit);
    return declare(`duration.${name}() -> int`, `duration_${name}`, run);
  }),
];

/** Conversions, sizes and parts of times (cel-go common/stdlib). */
export const STANDARD: readonly Overload[] = [...CONVERSIONS, ...SIZES, ...TIMES];
