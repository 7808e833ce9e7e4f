import { canonicalJson } from '#kit/exact-json.ts';
import { isRecord } from '#kit/json.ts';
import type { StructuralSchema } from './schema.ts';

/** Finds for an item of a list what it was before; only items of a list that is a map can be told from each other, by their keys. */
export function previousItems(schema: StructuralSchema, previous: unknown): (item: unknown) => unknown {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(previous)) return () => undefined;
  const known = new Map(previous.map((item: unknown) => [identityOf(schema, item), item]));
  return (item) => known.get(identityOf(schema, item));
}

/** What tells an item of a set or a map from the others, as text. */
export function identityOf(schema: StructuralSchema, item: unknown): string {
  return canonicalJson(keysOf(schema, item));
}

/** The item itself in a set, its keys in a map. */
export function keysOf(schema: StructuralSchema, item: unknown): unknown {
  if (schema['x-kubernetes-list-type'] === 'set' || !isRecord(item)) return item;
  return Object.fromEntries((schema['x-kubernetes-list-map-keys'] ?? []).map((key) => [key, item[key]]));
}
