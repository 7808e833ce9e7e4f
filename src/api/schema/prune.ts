import { isRecord } from '#kit/json.ts';
import { formatQuantity, parseQuantity, roundUpQuantity } from '#kit/quantity.ts';
import { definitionOf, formOf, isOpaque, memberSchema, QUANTITY, resolveReference, type NamedSchema } from './definitions.ts';
import { readScalar } from './scalars.ts';

/**
 * The stored form of a body that passed `checkAgainstSchema`: without fields that the definition does not know and without nulls
 * (Go decodes both to nothing; a null in a list becomes the empty value), with canonical quantities and times. The input stays as it is.
 * Members that `stored`, an object of the definition in that form, holds as the very same value are kept as they are.
 */
export function pruneUnknown(definitionName: string, value: unknown, stored?: unknown): unknown {
  return prune(definitionOf(definitionName), value, stored);
}

function prune(given: NamedSchema, value: unknown, stored?: unknown): unknown {
  const named = formOf(given, value);
  const { schema } = named;
  if (isOpaque(schema)) return value;
  if (Array.isArray(value)) return pruneArray(named, value);
  if (isRecord(value)) return pruneObject(named, value, stored);
  const read = readScalar(named, value);
  return read.ok ? read.value : value;
}

function pruneArray(named: NamedSchema, value: readonly unknown[]): unknown[] {
  const items = resolveReference(named.schema.items ?? {});
  return value.map((item) => (item === null ? emptyOf(items) : prune(items, item)));
}

function pruneObject(named: NamedSchema, value: Record<string, unknown>, stored: unknown): Record<string, unknown> {
  const isMap = named.schema.properties === undefined;
  const entries: [string, unknown][] = [];
  const before = isRecord(stored) ? stored : undefined;
  for (const [key, member] of Object.entries(value)) {
    const schema = memberSchema(named.schema, key);
    if (schema === undefined || member === undefined || (member === null && !isMap)) continue;
    const inStored = before?.[key];
    const isKept = member === inStored && member !== null;
    entries.push([key, isKept ? member : pruneMember(resolveReference(schema), { member, stored: inStored, isMap })]);
  }
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return Object.fromEntries(entries);
}

interface Member {
  readonly member: unknown;
  readonly stored: unknown;
  readonly isMap: boolean;
}

function pruneMember(named: NamedSchema, { member, stored, isMap }: Member): unknown {
  const kept = member === null ? emptyOf(named) : prune(named, member, stored);
  return isMap && named.name === QUANTITY ? roundAmount(kept) : kept;
}

/** Amounts of resources are in thousandths at the finest (core/v1 `SetDefaults_ResourceList`). */
const FINEST_EXPONENT = -3;
/** The canonical text of a quantity that may be finer. */
const FINE = /[un]$|e-/;

function roundAmount(value: unknown): unknown {
  if (typeof value !== 'string' || !FINE.test(value)) return value;
  const parsed = parseQuantity(value);
  return parsed.ok ? formatQuantity(roundUpQuantity(parsed.value, FINEST_EXPONENT)) : value;
}

/** Go's zero value, for a null inside a list or a map. */
function emptyOf({ name, schema }: NamedSchema): unknown {
  if (name === QUANTITY) return '0';
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
