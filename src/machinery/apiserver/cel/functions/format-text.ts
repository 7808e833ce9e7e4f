import { formatDuration, formatTimestamp } from '../values/time.ts';
import { CelError, type CelValue, Duration, isList, isMap, Timestamp, typeNameOf, TypeValue, Uint } from '../values/value.ts';
import { formatDouble } from './conversions.ts';
import { fixedText, scientificText } from './format-number.ts';
import { quote } from './quote.ts';

/** A clause, and a percent sign that is none. */
const CLAUSE = /%(?:\.(\d+))?([a-zA-Z%])/g;
const STRAY = /%(?!(?:\.\d+)?[a-zA-Z%])/;
const MAX_PRECISION = 1_000;
const MAX_MADE = 4_194_304;
const DEFAULT_PRECISION = 6;

/** What a clause is for. */
interface Clause {
  /** Names of the types that it takes. */
  readonly types: readonly string[];
  /** Said of all others. */
  readonly rule: string;
  readonly write: (value: CelValue, precision: number) => string | CelError | undefined;
}

const INTEGERS = ['int', 'uint'];
const HEX: Clause = {
  types: [...INTEGERS, 'string', 'bytes'],
  rule: 'only integers, byte buffers, and strings can be formatted as hex',
  write: hex,
};

const CLAUSES: ReadonlyMap<string, Clause> = new Map<string, Clause>([
  [
    's',
    {
      types: [
        'string',
        'bool',
        'bytes',
        'int',
        'uint',
        'double',
        'map',
        'list',
        'type',
        'google.protobuf.Duration',
        'google.protobuf.Timestamp',
        'null_type',
      ],
      rule: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
      write: shown,
    },
  ],
  ['d', { types: INTEGERS, rule: 'decimal clause can only be used on integers', write: (value) => whole(value, 10) }],
  [
    'f',
    {
      types: ['double'],
      rule: 'fixed-point clause can only be used on doubles',
      write: (value, precision) => real(value, (number) => fixedText(number, precision)),
    },
  ],
  [
    'e',
    {
      types: ['double'],
      rule: 'scientific clause can only be used on doubles',
      write: (value, precision) => real(value, (number) => scientificText(number, precision)),
    },
  ],
  [
    'b',
    {
      types: [...INTEGERS, 'bool'],
      rule: 'only integers and bools can be formatted as binary',
      write: (value) => (typeof value === 'boolean' ? String(Number(value)) : whole(value, 2)),
    },
  ],
  ['o', { types: INTEGERS, rule: 'octal clause can only be used on integers', write: (value) => whole(value, 8) }],
  ['x', HEX],
  ['X', { ...HEX, write: (value) => hex(value)?.toUpperCase() }],
]);

/** What is wrong with a pattern and the types of its arguments, before there are values (`dyn` = not known); `argument` = which is meant. */
export function formatFaults(
  pattern: string,
  types: readonly string[],
): readonly { readonly argument?: number; readonly message: string }[] {
  if (STRAY.test(pattern.replaceAll('%%', ''))) return [{ message: 'unexpected end of string' }];
  const letters = [...pattern.matchAll(CLAUSE)].map(([, , letter = '']) => letter).filter((letter) => letter !== '%');
  const unknown = letters.find((letter) => !CLAUSES.has(letter));
  if (unknown !== undefined) return [{ message: `could not parse formatting clause: unrecognized formatting clause "${unknown}"` }];
  if (letters.length > types.length) return [{ message: `index ${types.length} out of range` }];
  if (letters.length < types.length)
    return [{ message: `too many arguments supplied to string.format (expected ${letters.length}, got ${types.length})` }];
  return letters.flatMap((letter, argument) => {
    const [clause, type = 'dyn'] = [CLAUSES.get(letter), types[argument]];
    if (clause === undefined || type === 'dyn' || clause.types.includes(type)) return [];
    return [{ argument, message: `error during formatting: ${clause.rule}, was given ${type}` }];
  });
}

/** The text with its clauses (`%s`, `%.2f`, …) replaced by the arguments (cel-go ext/formatting.go). */
export function formatText(pattern: string, args: readonly CelValue[]): CelValue {
  if (STRAY.test(pattern.replaceAll('%%', ''))) return new CelError('unexpected end of string');
  let next = 0;
  let failed: CelError | undefined;
  let length = 0;
  const made = pattern.replaceAll(CLAUSE, (_all, precision: string | undefined, letter: string) => {
    if (letter === '%') return '%';
    if (failed !== undefined || length > MAX_MADE) return '';
    const text = writeClause(letter, args, { index: next, digits: precision === undefined ? DEFAULT_PRECISION : Number(precision) });
    next += 1;
    if (text instanceof CelError) failed = text;
    const written = text instanceof CelError ? '' : text;
    length += written.length;
    return written;
  });
  return failed ?? (length > MAX_MADE ? new CelError(`format makes more than ${MAX_MADE} characters`) : made);
}

function writeClause(
  letter: string,
  args: readonly CelValue[],
  { index, digits }: { readonly index: number; readonly digits: number },
): string | CelError {
  const clause = CLAUSES.get(letter);
  if (clause === undefined) return new CelError(`could not parse formatting clause: unrecognized formatting clause "${letter}"`);
  const value = args[index];
  if (value === undefined) return new CelError(`index ${index} out of range`);
  if (digits > MAX_PRECISION) return new CelError('precision is too large');
  return clause.write(value, digits) ?? new CelError(`error during formatting: ${clause.rule}, was given ${typeNameOf(value)}`);
}

function whole(value: CelValue, base: number): string | undefined {
  if (typeof value === 'bigint') return value.toString(base);
  return value instanceof Uint ? value.value.toString(base) : undefined;
}

function special(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}

function real(value: CelValue, write: (number: number) => string): string | undefined {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value;
  if (typeof value !== 'number') return undefined;
  return Number.isFinite(value) ? write(value) : special(value);
}

function hex(value: CelValue): string | undefined {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : whole(value, 16);
}

function shown(value: CelValue): string | CelError | undefined {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? formatDouble(value) : special(value);
  if (isList(value)) return joined(value.map(inner), '[', ']');
  if (isMap(value)) return joined([...value].map(entryText).toSorted(byText), '{', '}');
  return shownOther(value);
}

/** Inside of a list or map, as a literal. */
function inner(value: CelValue): string | CelError {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' && Number.isFinite(value)) return fixedText(value, DEFAULT_PRECISION);
  const text = shown(value);
  if (text === undefined) return new CelError(`error during formatting: no clause for ${typeNameOf(value)}`);
  if (text instanceof CelError) return text;
  if (value instanceof Timestamp) return `timestamp("${text}")`;
  if (value instanceof Duration) return `duration("${text}")`;
  return value instanceof Uint8Array ? `b"${text}"` : text;
}

function shownOther(value: CelValue): string | undefined {
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  return undefined;
}

function entryText([key, value]: readonly [CelValue, CelValue]): string | CelError {
  const [left, right] = [inner(key), inner(value)];
  if (left instanceof CelError) return left;
  return right instanceof CelError ? right : `${left}:${right}`;
}

function byText(a: string | CelError, b: string | CelError): number {
  const [left, right] = [a, b].map((text) => (typeof text === 'string' ? text : ''));
  return (left ?? '') < (right ?? '') ? -1 : 1;
}

function joined(parts: readonly (string | CelError)[], open: string, close: string): string | CelError {
  const texts = parts.filter((part) => typeof part === 'string');
  return parts.find((part) => part instanceof CelError) ?? `${open}${texts.join(', ')}${close}`;
}
