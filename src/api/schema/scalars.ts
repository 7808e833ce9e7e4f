import { fail, ok, type Result } from '#kit/errors.ts';
import { isNumeric } from '#kit/json.ts';
import { formatQuantity, parseQuantity } from '#kit/quantity.ts';
import { readTime } from './read-time.ts';
import { MICRO_TIME, QUANTITY, TIME, type NamedSchema, type Schema } from './definitions.ts';

/** Go's words for what JSON holds. */
export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'number';
    case 'number':
      // why the value: that is how Go tells a number that does not fit
      return Number.isSafeInteger(value) ? 'number' : `number ${formatNumber(value)}`;
    case 'string':
      return 'string';
    default:
      return value === null ? 'null' : 'object';
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const INT32_MAX = 2_147_483_647;

/**
 * Reads a scalar and brings it to the form in which it is stored: quantities and times canonical, the rest as it is.
 * The error is upstream's text, with what would be right; undefined = a wrong JSON type.
 */
export function readScalar({ name, schema }: NamedSchema, value: unknown): Result<unknown, string | undefined> {
  if (name === QUANTITY) return readQuantity(value);
  if (name === TIME || name === MICRO_TIME) return readTimeOf(value, name);
  if (!hasType(schema, value)) return fail(undefined);
  if (schema.type === 'number') return ok(Number(value));
  return schema.format === 'byte' ? readBase64(String(value)) : ok(value);
}

function hasType(schema: Schema, value: unknown): boolean {
  if (schema.format === 'int-or-string') return typeof value === 'string' || isInt(value, 'int32');
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return typeof value === schema.type;
    case 'number':
      return isNumeric(value);
    case 'integer':
      return isInt(value, schema.format);
    default:
      return true;
  }
}

function isInt(value: unknown, format: string | undefined): boolean {
  // why no larger numbers: what 64 bits do not hold no other client could read
  if (format === 'int32') return Number.isInteger(value) && Number(value) <= INT32_MAX && Number(value) >= -INT32_MAX - 1;
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** As Go writes it: whole numbers with all digits up to 1e21. */
function formatNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);
}

function readQuantity(value: unknown): Result<unknown, string | undefined> {
  if (typeof value !== 'string' && !isNumeric(value)) return fail(undefined);
  const parsed = parseQuantity(String(value).trim());
  if (parsed.ok) return ok(formatQuantity(parsed.value));
  return fail(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$': ${parsed.error}`);
}

/** Digits of the fraction that a time of microseconds has to have. */
const MICRO_DIGITS = 6;

/** Times in the form in which they are stored, but for the last days of months. */
const STORED_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{6})?Z$/;

function readTimeOf(value: unknown, name: string): Result<unknown, string | undefined> {
  if (typeof value !== 'string') return fail(undefined);
  const isMicro = name === MICRO_TIME;
  const stored = STORED_TIME.exec(value);
  if (stored !== null && (stored[1] !== undefined) === isMicro) return ok(value);
  const read = readTime(value);
  const layout = isMicro ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00';
  const remedy = `write a time such as ${isMicro ? '2026-01-31T08:30:00.000000Z' : '2026-01-31T08:30:00Z'}`;
  const refuse = (why: string): Result<unknown> =>
    fail(`parsing time ${JSON.stringify(value.slice(0, 100))} as ${JSON.stringify(layout)}: ${why}: ${remedy}`);
  if (!read.ok) return refuse(read.error);
  if (isMicro && read.value.fraction.length !== MICRO_DIGITS) return refuse('it has to have microseconds, six digits behind the second');
  const seconds = new Date(read.value.epochMs).toISOString().slice(0, 19);
  return ok(isMicro ? `${seconds}.${read.value.fraction}Z` : `${seconds}Z`);
}

function readBase64(value: string): Result<unknown, string | undefined> {
  // why: base64 from command lines comes with line breaks, which Go's decoder skips
  const compact = value.replaceAll(/[\r\n]/g, '');
  if (BASE64.test(compact)) return ok(compact);
  return fail(`illegal base64 data at input byte ${firstBadByte(compact)}: write the bytes in standard base64, or use stringData`);
}

function firstBadByte(text: string): number {
  const index = text.search(/[^A-Za-z0-9+/]/);
  return index < 0 ? text.length - (text.length % 4) : index;
}
