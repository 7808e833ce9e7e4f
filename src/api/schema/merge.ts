import { memberSchema, resolveReference, type Schema } from './definitions.ts';

/** How a strategic merge patch treats a field (x-kubernetes-patch-strategy and -merge-key of the facts). */
export interface PatchStrategy {
  /** `merge`: lists are merged item by item; `replace`: the patch's value takes the place of the old one. */
  readonly list: 'merge' | 'replace';
  /** Maps are merged member by member, but for the few that the patch's value takes the place of as a whole. */
  readonly map: 'merge' | 'replace';
  /** The field that tells items of a list of objects apart; absent for lists of scalars. */
  readonly mergeKey?: string;
  /** Members that the patch does not keep are dropped (volumes: one source takes the place of another). */
  readonly retainsKeys: boolean;
}

const UNKNOWN: PatchStrategy = { list: 'replace', map: 'merge', retainsKeys: false };

/** The strategy of the member `key` of an object of `schema`. */
export function patchStrategyOf(schema: Schema | undefined, key: string): PatchStrategy {
  const member = schema === undefined ? undefined : memberSchema(schema, key);
  if (member === undefined) return UNKNOWN;
  const words = (member['x-kubernetes-patch-strategy'] ?? '').split(',');
  const mergeKey = member['x-kubernetes-patch-merge-key'];
  return {
    list: words.includes('merge') ? 'merge' : 'replace',
    map: words.includes('replace') ? 'replace' : 'merge',
    retainsKeys: words.includes('retainKeys'),
    ...(mergeKey === undefined ? {} : { mergeKey }),
  };
}

/** The schema below the member `key`: of the object, or of a list's items; undefined where there is none. */
export function schemaBelow(schema: Schema | undefined, key: string): Schema | undefined {
  const member = schema === undefined ? undefined : memberSchema(schema, key);
  if (member === undefined) return undefined;
  const resolved = resolveReference(member).schema;
  return resolved.type === 'array' && resolved.items !== undefined ? resolveReference(resolved.items).schema : resolved;
}
