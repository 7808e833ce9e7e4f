import { isRecord } from '#kit/json.ts';
import { definitionOf, formOf, isOpaque, memberSchema, resolveReference, type NamedSchema } from './definitions.ts';
import { readScalar } from './scalars.ts';

/**
 * The stored form of a body that passed `checkAgainstSchema`: without fields that the definition does not know and without nulls
 * (Go decodes both to nothing; a null in a list becomes the empty value), with canonical quantities and times. The input stays as it is.
 */
export function pruneUnknown(definitionName: string, value: unknown): unknown {
  return prune(definitionOf(definitionName), value);
}

function prune(given: NamedSchema, value: unknown): unknown {
  const named = formOf(given, value);
  const { schema } = named;
  if (isOpaque(schema)) return value;
  if (Array.isArray(value)) return pruneArray(named, value);
  if (isRecord(value)) return pruneObject(named, value);
  const read = readScalar(named, value);
  return read.ok ? read.value : value;
}

function pruneArray(named: NamedSchema, value: readonly unknown[]): unknown[] {
  const items = resolveReference(named.schema.items ?? {});
  return value.map((item) => (item === null ? emptyOf(items) : prune(items, item)));
}

function pruneObject(named: NamedSchema, value: Record<string, unknown>): Record<string, unknown> {
  const isMap = named.schema.properties === undefined;
  const entries: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    const schema = memberSchema(named.schema, key);
    if (schema === undefined || member === undefined || (member === null && !isMap)) continue;
    const resolved = resolveReference(schema);
    entries.push([key, member === null ? emptyOf(resolved) : prune(resolved, member)]);
  }
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return Object.fromEntries(entries);
}

/** Go's zero value, for a null inside a list or a map. */
function emptyOf({ schema }: NamedSchema): unknown {
  switch (schema.type) {
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    default:
      return {};
  }
}
