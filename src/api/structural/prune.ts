import { isRecord } from '#kit/json.ts';
import { checkAgainstSchema } from '../schema/check.ts';
import { OBJECT_META } from '../schema/definitions.ts';
import { pruneUnknown } from '../schema/prune.ts';
import { isEmbeddedResource, keepsUnknown, memberOf, memberPath, type StructuralSchema } from './schema.ts';

/** A value without what its schema does not know. */
export interface Pruned {
  readonly value: unknown;
  /** Paths of what was dropped. */
  readonly unknown: readonly string[];
}

/** Most unknown fields that are told. */
const MAX_UNKNOWN = 100;
/** Members that every object of the API has, whatever a schema says (apiextensions pkg/apiserver/schema/pruning). */
const OBJECT_MEMBERS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Drops every field that `schema` does not specify, and every null of a field that can't be null and has no default.
 * `root` is the schema of a whole object: it keeps its metadata. The input stays as it is.
 */
export function pruneStructural(root: StructuralSchema, value: unknown): Pruned {
  const unknown: string[] = [];
  return { value: dropNulls(root, prune(root, value, { path: '', isObjectRoot: true, unknown })), unknown };
}

interface Place {
  readonly path: string;
  readonly isObjectRoot: boolean;
  readonly unknown: string[];
}

function prune(schema: StructuralSchema, value: unknown, place: Place): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined)
      return keepsUnknown(schema) ? value : value.map((item, index) => emptied(item, `${place.path}[${index}]`, place));
    return value.map((item, index) => prune(items, item, below(place, `${place.path}[${index}]`, items)));
  }
  return isRecord(value) ? pruneObject(schema, value, place) : value;
}

function pruneObject(schema: StructuralSchema, value: Record<string, unknown>, place: Place): unknown {
  const entries: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    const path = memberPath(place.path, key);
    const known = memberOf(schema, key);
    if (place.isObjectRoot && OBJECT_MEMBERS.has(key))
      entries.push([key, key === 'metadata' ? pruneMetadata(member, path, place) : member]);
    else if (known !== undefined) entries.push([key, prune(known, member, below(place, path, known))]);
    else if (keepsUnknown(schema)) entries.push([key, member]);
    // why emptied: `additionalProperties: true` knows of a member that it is there, and nothing of what is in it
    else if (schema.additionalProperties === true) entries.push([key, emptied(member, path, place)]);
    else tell(place, path);
  }
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return Object.fromEntries(entries);
}

function below(place: Place, path: string, schema: StructuralSchema): Place {
  return { path, isObjectRoot: isEmbeddedResource(schema), unknown: place.unknown };
}

/** The metadata of an object inside an object; that of the object itself is read with it. What is no metadata is left to validation. */
function pruneMetadata(value: unknown, path: string, place: Place): unknown {
  if (path === 'metadata') return value;
  const checked = checkAgainstSchema(OBJECT_META, value);
  if (checked.errors.length > 0) return value;
  for (const field of checked.unknown) tell(place, `${path}.${field}`);
  return pruneUnknown(OBJECT_META, value);
}

/** What is left of a value of which the schema knows nothing. */
function emptied(value: unknown, path: string, place: Place): unknown {
  if (Array.isArray(value)) return value.map((item, index) => emptied(item, `${path}[${index}]`, place));
  if (!isRecord(value)) return value;
  for (const key of Object.keys(value)) tell(place, memberPath(path, key));
  return {};
}

function tell({ unknown }: Place, path: string): void {
  if (unknown.length < MAX_UNKNOWN) unknown.push(path);
}

/** `value` without the nulls that stand where nothing can be null (apiextensions `PruneNonNullableNullsWithoutDefaults`); those of a list stay. */
function dropNulls(schema: StructuralSchema | undefined, value: unknown): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => dropNulls(schema.items, item));
  if (!isRecord(value)) return value;
  const entries: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    const known = memberOf(schema, key);
    if (member === null && known !== undefined && known.nullable !== true && known.default === undefined) continue;
    entries.push([key, dropNulls(known, member)]);
  }
  return Object.fromEntries(entries);
}
