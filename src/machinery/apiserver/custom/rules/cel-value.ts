import { isEmbeddedResource, isIntOrString, propertyOf, type StructuralSchema } from '#api/structural/schema.ts';
import { isNumeric, isRecord } from '#kit/json.ts';
import { durationValue } from './environment.ts';
import type { Measure } from './expression.ts';

/** Words of the language that can't be names (cel-spec, "Syntax"). */
const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

/** The name of a member in rules: `namespace` is `__namespace__`, `a-b` is `a__dash__b` (apiserver pkg/cel/escaping.go). Undefined where there is none. */
export function escapeName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  const escaped = name.replaceAll(/__|[.\-/]/g, (found) => ESCAPES.get(found) ?? found);
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped) ? escaped : undefined;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
]);

/** A value as rules see it: whole numbers, times and names by their schema. `isObjectRoot`: of the metadata only the name shows. */
export function toCel(schema: StructuralSchema, value: unknown, isObjectRoot = false): unknown {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  if (isNumeric(value)) return numberToCel(schema, value);
  if (typeof value === 'string') return textToCel(schema, value);
  if (Array.isArray(value)) return value.map((item) => toCel(schema.items ?? {}, item));
  return isRecord(value) ? objectToCel(schema, value, isObjectRoot || isEmbeddedResource(schema)) : undefined;
}

function numberToCel(schema: StructuralSchema, value: number | bigint): number | bigint {
  if (typeof value === 'bigint') return schema.type === 'number' ? Number(value) : value;
  return isWhole(schema, value) ? BigInt(value) : value;
}

function isWhole(schema: StructuralSchema, value: number): boolean {
  return Number.isSafeInteger(value) && (schema.type === 'integer' || isIntOrString(schema) || schema.type === undefined);
}

function textToCel(schema: StructuralSchema, value: string): unknown {
  switch (schema.format) {
    case 'date-time':
    case 'date': {
      const time = new Date(value);
      return Number.isNaN(time.getTime()) ? value : time;
    }
    case 'byte':
      return Buffer.from(value, 'base64');
    case 'duration':
      return durationOf(value);
    default:
      return value;
  }
}

function durationOf(value: string): unknown {
  try {
    return durationValue(value);
  } catch {
    // why: a text that is no duration was refused by the schema's format already
    return value;
  }
}

function objectToCel(schema: StructuralSchema, value: Record<string, unknown>, isObjectRoot: boolean): unknown {
  const values = isRecord(schema.additionalProperties) ? schema.additionalProperties : undefined;
  const isMap = values !== undefined || schema.properties === undefined;
  const entries: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    const name = isMap ? key : escapeName(key);
    if (name === undefined) continue;
    const known = isObjectRoot && OBJECT_SCHEMAS.has(key) ? OBJECT_SCHEMAS.get(key) : (propertyOf(schema, key) ?? values);
    if (known !== undefined) entries.push([name, toCel(known, member)]);
    else if (isMap) entries.push([name, toCel({}, member)]);
  }
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return Object.fromEntries(entries);
}

/** What rules see of every object, whatever its schema says. */
export const OBJECT_SCHEMAS: ReadonlyMap<string, StructuralSchema> = new Map<string, StructuralSchema>([
  ['apiVersion', { type: 'string' }],
  ['kind', { type: 'string' }],
  ['metadata', { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } }],
]);

/** How large a value is, for the bound of an evaluation. */
export function measure(...values: readonly unknown[]): Measure {
  let longestList = 0;
  let longestText = 0;
  const pending = values.filter((value) => value !== undefined);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') longestText = Math.max(longestText, next.length);
    if (typeof next !== 'object' || next === null) continue;
    const keys = Object.keys(next);
    longestList = Math.max(longestList, keys.length);
    for (const key of Array.isArray(next) ? [] : keys) longestText = Math.max(longestText, key.length);
    pending.push(...Object.values(next).filter((inner) => typeof inner === 'object' || typeof inner === 'string'));
  }
  return { longestList, longestText };
}
