import { isEmbeddedResource, isIntOrString, memberOf, type StructuralSchema } from '#api/structural/schema.ts';
import { isNumeric, isRecord } from '#kit/json.ts';
import { identityText } from '../../cel/values/equality.ts';
import { withIdentity } from '../../cel/values/lists.ts';
import { parseDuration, parseTimestamp } from '../../cel/values/time.ts';
import { type CelValue, isMap } from '../../cel/values/value.ts';

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

/** The names of a member in rules: a word of the language can also be written as it is, except those that are values or operators. */
export function namesOf(key: string): readonly string[] {
  const escaped = escapeName(key);
  if (escaped === undefined) return [];
  return RESERVED.has(key) && !UNSELECTABLE.has(key) ? [escaped, key] : [escaped];
}

const UNSELECTABLE: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in']);

/** A value as rules see it: whole numbers, times and names by their schema. `isObjectRoot`: of the metadata only the name shows. */
export function toCel(schema: StructuralSchema, value: unknown, isObjectRoot = false): CelValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value;
  if (isNumeric(value)) return numberToCel(schema, value);
  if (typeof value === 'string') return textToCel(schema, value);
  if (Array.isArray(value)) return listToCel(schema, value);
  return isRecord(value) ? objectToCel(schema, value, isObjectRoot || isEmbeddedResource(schema)) : null;
}

function numberToCel(schema: StructuralSchema, value: number | bigint): number | bigint {
  if (typeof value === 'bigint') return schema.type === 'number' ? Number(value) : value;
  return isWhole(schema, value) ? BigInt(value) : value;
}

function isWhole(schema: StructuralSchema, value: number): boolean {
  return Number.isInteger(value) && (schema.type === 'integer' || isIntOrString(schema) || schema.type === undefined);
}

function textToCel(schema: StructuralSchema, value: string): CelValue {
  // why the text itself else: what has not the format was refused already
  switch (schema.format) {
    case 'date-time':
      return parseTimestamp(value) ?? value;
    case 'date':
      return parseTimestamp(`${value}T00:00:00Z`) ?? value;
    case 'byte':
      return new Uint8Array(Buffer.from(value, 'base64'));
    case 'duration':
      return parseDuration(value) ?? value;
    default:
      return value;
  }
}

function listToCel(schema: StructuralSchema, value: readonly unknown[]): CelValue {
  const list = value.map((item) => toCel(schema.items ?? {}, item));
  const kind = schema['x-kubernetes-list-type'];
  if (kind === 'set') return withIdentity(list, { kind, keyOf: identityText });
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (kind !== 'map' || keys.length === 0) return list;
  const names = keys.map((key) => escapeName(key) ?? key);
  return withIdentity(list, {
    kind,
    keyOf: (item) => (isMap(item) ? names.map((name) => identityText(item.get(name) ?? null)).join() : identityText(item)),
  });
}

function objectToCel(schema: StructuralSchema, value: Record<string, unknown>, isObjectRoot: boolean): CelValue {
  const isMapping = isRecord(schema.additionalProperties) || schema.properties === undefined;
  const made = new Map<CelValue, CelValue>();
  for (const [key, member] of Object.entries(value)) {
    const known = schemaOfMember(schema, key, isObjectRoot);
    if (member === undefined || (known === undefined && !isMapping)) continue;
    const seen = toCel(known ?? {}, member);
    for (const name of isMapping ? [key] : namesOf(key)) made.set(name, seen);
  }
  return made;
}

function schemaOfMember(schema: StructuralSchema, key: string, isObjectRoot: boolean): StructuralSchema | undefined {
  return (isObjectRoot ? OBJECT_SCHEMAS.get(key) : undefined) ?? memberOf(schema, key);
}

/** What rules see of every object, whatever its schema says. */
export const OBJECT_SCHEMAS: ReadonlyMap<string, StructuralSchema> = new Map<string, StructuralSchema>([
  ['apiVersion', { type: 'string' }],
  ['kind', { type: 'string' }],
  ['metadata', { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } }],
]);
