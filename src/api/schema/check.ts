import { isRecord } from '#kit/json.ts';
import {
  QUANTITY,
  TIME,
  MICRO_TIME,
  definitionOf,
  formOf,
  isOpaque,
  memberSchema,
  resolveReference,
  type NamedSchema,
  type Schema,
} from './definitions.ts';
import { findExcess } from './excess.ts';
import { jsonTypeOf, readScalar } from './scalars.ts';

/** A value that its schema can't hold. */
export interface SchemaFault {
  /** For example `spec.containers[0].image`. */
  readonly field: string;
  readonly value: unknown;
  /** Upstream's decoding text with the field, the value and what would be right. */
  readonly message: string;
}

/** What a body does wrong by its schema. */
export interface SchemaCheck {
  readonly errors: readonly SchemaFault[];
  /** Fields that the schema does not know, for example `spec.sise`. */
  readonly unknown: readonly string[];
}

/** Most faults of a body that are told. */
const MAX_FAULTS = 100;

/**
 * Checks a parsed JSON body against a definition of the facts; `null` counts as absent. Never recurses deeper than its bound.
 * Members that `stored`, an object of the definition that was checked before, holds as the very same value are not looked at again.
 */
export function checkAgainstSchema(definitionName: string, value: unknown, stored?: unknown): SchemaCheck {
  const root = definitionOf(definitionName);
  const excess = findExcess(value, stored);
  if (excess !== undefined) return { errors: [{ field: '', value: undefined, message: excess }], unknown: [] };
  if (!isRecord(value)) {
    return { errors: [{ field: '', value, message: `the body is a JSON ${jsonTypeOf(value)}: send one object` }], unknown: [] };
  }
  const walk: Walk = { errors: [], unknown: [], struct: shortNameOf(root.name) };
  check(root, value, { path: '', walk, stored });
  return walk;
}

interface Walk {
  readonly errors: SchemaFault[];
  readonly unknown: string[];
  /** The Go type that upstream's message would name. */
  readonly struct: string;
}

interface Place {
  readonly path: string;
  readonly walk: Walk;
  /** What was checked before and stood in this place. */
  readonly stored?: unknown;
}

function check(given: NamedSchema, value: unknown, place: Place): void {
  const named = formOf(given, value);
  const { schema } = named;
  if (value === null || value === undefined || place.walk.errors.length >= MAX_FAULTS) return;
  if (isOpaque(schema)) {
    if (schema.type === 'object' && !isRecord(value)) addTypeFault(named, value, place);
    return;
  }
  if (schema.type === 'array') checkArray(named, value, place);
  else if (schema.type === 'object' || schema.properties !== undefined) checkObject(named, value, place);
  else checkScalar(named, value, place);
}

function checkArray(named: NamedSchema, value: unknown, place: Place): void {
  if (!Array.isArray(value)) {
    addTypeFault(named, value, place);
    return;
  }
  const items = resolveReference(named.schema.items ?? {});
  for (const [index, item] of value.entries()) check(items, item, { walk: place.walk, path: `${place.path}[${index}]` });
}

function checkObject(named: NamedSchema, value: unknown, place: Place): void {
  if (!isRecord(value)) {
    addTypeFault(named, value, place);
    return;
  }
  const walk: Walk = named.name === '' ? place.walk : { ...place.walk, struct: shortNameOf(named.name) };
  const before = isRecord(place.stored) ? place.stored : undefined;
  for (const [key, member] of Object.entries(value)) {
    const stored = before?.[key];
    if (member === stored) continue;
    const path = place.path === '' ? key : `${place.path}.${key}`;
    const schema = memberSchema(named.schema, key);
    if (schema !== undefined) check(resolveReference(schema), member, { path, walk, stored });
    else if (walk.unknown.length < MAX_FAULTS) walk.unknown.push(path);
  }
}

function checkScalar(named: NamedSchema, value: unknown, place: Place): void {
  const read = readScalar(named, value);
  if (read.ok) return;
  if (read.error === undefined) addTypeFault(named, value, place);
  else place.walk.errors.push({ field: place.path, value, message: `${place.path}: ${read.error}` });
}

function addTypeFault(named: NamedSchema, value: unknown, { path, walk }: Place): void {
  const struct = `${walk.struct}.${path.replaceAll(/\[\d+\]/g, '')}`;
  const expected = expectation(named);
  const message = `json: cannot unmarshal ${jsonTypeOf(value)} into Go struct field ${struct} of type ${goTypeOf(named)}: ${path}: ${expected}`;
  walk.errors.push({ field: path, value, message });
}

/** What to write instead, for a reader who knows no Go. */
function expectation({ name, schema }: NamedSchema): string {
  if (name === QUANTITY) return 'write a quantity such as 500Mi or 10Gi';
  if (name === TIME || name === MICRO_TIME) return 'write a time such as 2026-01-31T08:30:00Z';
  if (schema.format === 'int-or-string') return 'write a whole number or a text';
  switch (schema.type) {
    case 'array':
      return 'write a list';
    case 'string':
      return 'write a text (in quotes)';
    case 'integer':
      return schema.format === 'int32' ? 'write a whole number of at most 32 bits' : 'write a whole number of at most 64 bits';
    case 'boolean':
      return 'write true or false without quotes';
    case 'number':
      return 'write a number';
    default:
      return 'write an object (key: value)';
  }
}

function goTypeOf({ name, schema }: NamedSchema): string {
  if (name !== '') return goNameOf(name);
  switch (schema.type) {
    case 'array':
      return `[]${goTypeOf(nameOnly(schema.items ?? {}))}`;
    case 'integer':
      return schema.format ?? 'int64';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    case 'object':
      return `map[string]${typeof schema.additionalProperties === 'object' ? goTypeOf(nameOnly(schema.additionalProperties)) : 'interface {}'}`;
    default:
      return 'string';
  }
}

function nameOnly(schema: Schema): NamedSchema {
  return resolveReference(schema);
}

/** `io.k8s.api.core.v1.PodSpec` is `v1.PodSpec` in Go. */
function goNameOf(name: string): string {
  return name.split('.').slice(-2).join('.');
}

function shortNameOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
