import { isRecord, trusted } from './json.ts';

/** What `JSON` can since ECMAScript's "JSON.parse source text access"; browsers before 2025 may lack it. */
interface SourceAccess {
  readonly rawJSON?: (text: string) => unknown;
  readonly parse: (text: string, reviver?: (key: string, value: unknown, context?: { readonly source?: string }) => unknown) => unknown;
}

const json = trusted<SourceAccess>(JSON);

// oxlint-disable-next-line no-extend-native -- objects are serialised in many places, by ours and by libraries, and none of them may round a number or throw
Object.defineProperty(BigInt.prototype, 'toJSON', {
  configurable: true,
  value(this: bigint): unknown {
    return json.rawJSON?.(this.toString()) ?? Number(this);
  },
});

// why two, and so plain: a text of megabytes is looked over in a tenth of the time that it takes to parse it
/** The beginning of a number of sixteen digits or more. */
const LONG = /[:,[\s]-?\d{16}/;
/** The end of a number with a large exponent. */
const HUGE = /[\d.][eE]\+?\d{3,}\s*[,\]}]/;
const WHOLE = /^-?\d+$/;
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Reads JSON without losing a digit: whole numbers beyond 2^53 that fit into 64 bits become `bigint`, which `JSON.stringify` writes as they came
 * (importing this module sees to that); every other number stays a number.
 * @throws SyntaxError where the text is no JSON, or holds a number that is none of 64 bits, whole or floating
 */
export function parseExactJson(text: string): unknown {
  return mayBeRounded(text) ? json.parse(text, exactNumber) : json.parse(text);
}

/** True where a double may not hold a number of the text. */
function mayBeRounded(text: string): boolean {
  const isNumber = text.length < MAX_NUMBER_CHARS && !/["{[]/.test(text);
  return isNumber || LONG.test(text) || HUGE.test(text);
}

/** Texts that are longer are no number alone. */
const MAX_NUMBER_CHARS = 10_000;

function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  if (!Number.isFinite(value)) throw new SyntaxError(`the number ${source.slice(0, 40)} is too large: no client could read it`);
  return WHOLE.test(source) ? wholeNumber(source) : value;
}

/** The whole number that `digits` write: a `bigint` only where a double would round it and 64 bits hold it. */
export function wholeNumber(digits: string): number | bigint {
  const rounded = Number(digits);
  // why the length: reading very many digits as an integer takes longer than linear time
  if (Number.isSafeInteger(rounded) || digits.length > 20) return rounded;
  const exact = BigInt(digits);
  return isInt64(exact) ? exact : rounded;
}

/** A field of 64 bits to reckon with, rounded beyond 2^53: generated types call it a number, though such a one is a bigint. */
export function toDouble(field: number | bigint): number {
  return Number(field);
}

function isInt64(value: bigint): boolean {
  return value <= INT64_MAX && value >= -INT64_MAX - 1n;
}

/** The same text for the same JSON, in whatever order its keys stand; `''` for undefined. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => (item === undefined ? 'null' : canonicalJson(item))).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? '';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}
