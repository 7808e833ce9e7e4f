import { isRecord } from '#kit/json.ts';
import { memberOf, type StructuralSchema } from './schema.ts';

/**
 * Fills the defaults of `schema` into `value`, deeply. A null of a field that can't be null and has a default counts as absent
 * (apiextensions pkg/apiserver/schema/defaulting). Answers the very input where nothing changes.
 */
export function applyStructuralDefaults(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) return defaultList(schema, value);
  return isRecord(value) ? defaultObject(schema, value) : value;
}

/** True where filling defaults can change anything. */
export function hasDefaults(schema: StructuralSchema): boolean {
  if (schema.default !== undefined) return true;
  const { items, properties, additionalProperties } = schema;
  return (
    (items !== undefined && hasDefaults(items)) ||
    (isRecord(additionalProperties) && hasDefaults(additionalProperties)) ||
    Object.values(properties ?? {}).some(hasDefaults)
  );
}

function defaultList(schema: StructuralSchema, value: readonly unknown[]): unknown {
  const { items } = schema;
  if (items === undefined) return value;
  const next = value.map((item) => applyStructuralDefaults(items, replaceNull(items, item)));
  return next.every((item, index) => item === value[index]) ? value : next;
}

function defaultObject(schema: StructuralSchema, value: Record<string, unknown>): unknown {
  const members = new Map(Object.entries(value).map(([key, member]) => [key, defaultMember(schema, key, member)]));
  for (const [key, known] of Object.entries(schema.properties ?? {})) {
    if (known.default !== undefined && members.get(key) === undefined) members.set(key, applyStructuralDefaults(known, known.default));
  }
  const isSame = [...members].every(([key, member]) => Object.hasOwn(value, key) && value[key] === member);
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return isSame ? value : Object.fromEntries(members);
}

function defaultMember(schema: StructuralSchema, key: string, member: unknown): unknown {
  const known = memberOf(schema, key);
  return known === undefined ? member : applyStructuralDefaults(known, replaceNull(known, member));
}

/** The default in place of a null that can't be. */
function replaceNull(schema: StructuralSchema, value: unknown): unknown {
  return value === null && schema.nullable !== true && schema.default !== undefined ? schema.default : value;
}
