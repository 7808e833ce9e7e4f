import { invalid, tooLong, typeInvalid } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { hasFormat } from './formats.ts';
import { findsPattern } from './pattern.ts';
import type { StructuralSchema } from './schema.ts';

/** Faults of a text: length in characters, pattern, format. */
export function validateText(schema: StructuralSchema, value: string, path: string): readonly FieldError[] {
  const { format } = schema;
  const faults = [...validateLength(schema, value, path), ...validatePattern(schema, value, path)];
  if (format !== undefined && !hasFormat(format, value))
    faults.push(typeInvalid(path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`));
  return faults;
}

function validateLength({ minLength, maxLength }: StructuralSchema, value: string, path: string): readonly FieldError[] {
  if (minLength === undefined && maxLength === undefined) return [];
  const length = countCharacters(value);
  if (maxLength !== undefined && length > maxLength) return [tooLong(path, maxLength)];
  return length < (minLength ?? 0) ? [invalid(path, value, `${path} in body should be at least ${minLength} chars long`)] : [];
}

function validatePattern({ pattern }: StructuralSchema, value: string, path: string): readonly FieldError[] {
  if (pattern === undefined || pattern === '') return [];
  const found = findsPattern(pattern, value);
  if (!found.ok) return [invalid(path, value, `${path} in body can't be compared with '${pattern}': ${found.error}`)];
  return found.value ? [] : [invalid(path, value, `${path} in body should match '${pattern}'`)];
}

/** Code points, as Go counts runes, without making a list of them. */
function countCharacters(text: string): number {
  let count = text.length;
  for (let index = 0; index + 1 < text.length; index += 1) {
    const isPair = isBetween(text.charCodeAt(index), 0xd800, 0xdbff) && isBetween(text.charCodeAt(index + 1), 0xdc00, 0xdfff);
    if (isPair) count -= 1;
  }
  return count;
}

function isBetween(code: number, low: number, high: number): boolean {
  return code >= low && code <= high;
}

const WIDTHS: ReadonlyMap<string, (value: number | bigint) => boolean> = new Map([
  ['int32', (value: number | bigint) => value >= -(2 ** 31) && value < 2 ** 31],
  ['int64', fitsInto64Bits],
]);

/** What stays a double though it is that large did not fit (kit/exact-json.ts). */
function fitsInto64Bits(value: number | bigint): boolean {
  return typeof value === 'bigint' || Math.abs(value) < 2 ** 63;
}

/** Faults of a number: bounds, multiples, the width of whole numbers. */
export function validateNumber(schema: StructuralSchema, value: number | bigint, path: string): readonly FieldError[] {
  const { multipleOf } = schema;
  const limits = [...upperLimit(schema, value), ...lowerLimit(schema, value)];
  if (multipleOf !== undefined && multipleOf > 0 && !isMultiple(value, multipleOf)) limits.push(`a multiple of ${multipleOf}`);
  return [...validateWidth(schema, value, path), ...limits.map((limit) => invalid(path, value, `${path} in body should be ${limit}`))];
}

/** Whole numbers are of 64 bits, also where the schema does not say so (kube-openapi `IsValueValidAgainstRange`). */
function validateWidth({ type, format = '' }: StructuralSchema, value: number | bigint, path: string): readonly FieldError[] {
  const named = WIDTHS.get(format);
  const fits = named ?? (type === 'integer' ? fitsInto64Bits : undefined);
  if (fits === undefined || fits(value)) return [];
  const text =
    named === undefined
      ? `Checked value must be of type integer (default format) in ${path}`
      : `${path} in body must be of type ${format}: ${JSON.stringify(String(value))}`;
  return [typeInvalid(path, value, text)];
}

function upperLimit({ maximum, exclusiveMaximum }: StructuralSchema, value: number | bigint): readonly string[] {
  if (maximum === undefined) return [];
  if (exclusiveMaximum === true) return value >= maximum ? [`less than ${maximum}`] : [];
  return value > maximum ? [`less than or equal to ${maximum}`] : [];
}

function lowerLimit({ minimum, exclusiveMinimum }: StructuralSchema, value: number | bigint): readonly string[] {
  if (minimum === undefined) return [];
  if (exclusiveMinimum === true) return value <= minimum ? [`greater than ${minimum}`] : [];
  return value < minimum ? [`greater than or equal to ${minimum}`] : [];
}

/** How far a quotient of decimal fractions may be from a whole number, relative to it: what rounding of doubles explains. */
const ROUNDING = 1e-9;

function isMultiple(value: number | bigint, factor: number): boolean {
  if (typeof value === 'bigint' && Number.isInteger(factor)) return value % BigInt(factor) === 0n;
  const quotient = Number(value) / factor;
  return Math.abs(quotient - Math.round(quotient)) <= ROUNDING * Math.max(1, Math.abs(quotient));
}
