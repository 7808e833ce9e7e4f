import { isRecord } from '#kit/json.ts';
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

/** Drops every field that `schema` does not specify. `root` is the schema of a whole object: it keeps its metadata. The input stays as it is. */
export function pruneStructural(root: StructuralSchema, value: unknown): Pruned {
  const unknown: string[] = [];
  return { value: prune(root, value, { path: '', isObjectRoot: true, unknown }), unknown };
}

interface Place {
  readonly path: string;
  readonly isObjectRoot: boolean;
  readonly unknown: string[];
}

function prune(schema: StructuralSchema, value: unknown, place: Place): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return keepsUnknown(schema) ? value : value.map(emptied);
    return value.map((item, index) => prune(items, item, below(place, `${place.path}[${index}]`, items)));
  }
  return isRecord(value) ? pruneObject(schema, value, place) : value;
}

function pruneObject(schema: StructuralSchema, value: Record<string, unknown>, place: Place): unknown {
  const entries: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    const path = memberPath(place.path, key);
    const known = memberOf(schema, key);
    if (place.isObjectRoot && OBJECT_MEMBERS.has(key)) entries.push([key, member]);
    else if (known !== undefined) entries.push([key, prune(known, member, below(place, path, known))]);
    else if (keepsUnknown(schema) || schema.additionalProperties === true) entries.push([key, member]);
    else if (place.unknown.length < MAX_UNKNOWN) place.unknown.push(path);
  }
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return Object.fromEntries(entries);
}

function below(place: Place, path: string, schema: StructuralSchema): Place {
  return { path, isObjectRoot: isEmbeddedResource(schema), unknown: place.unknown };
}

/** What is left of an item of which the schema knows nothing. */
function emptied(item: unknown): unknown {
  if (Array.isArray(item)) return [];
  return isRecord(item) ? {} : item;
}
