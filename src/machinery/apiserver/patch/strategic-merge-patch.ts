import { definitionOf, type Schema } from '#api/schema/definitions.ts';
import { patchStrategyOf, schemaBelow, type PatchStrategy } from '#api/schema/merge.ts';
import { isRecord } from '#kit/json.ts';
import { DELETE_FROM_PREFIX, DIRECTIVE, RETAIN_KEYS, SET_ORDER_PREFIX, dropDirectives, isDirective, type Fields } from './directives.ts';
import { requireBoundedDepth } from './depth.ts';
import { PatchMalformed } from './errors.ts';
import { deleteScalars, mergeList } from './merge-list.ts';
import { applyOrder } from './order-list.ts';

/**
 * Kubernetes' strategic merge patch: merges objects, and lists by the merge keys of the definition; honours `$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList/…` and `$setElementOrder/…` (semantics: apimachinery pkg/util/strategicpatch). Neither argument is changed.
 * @throws PatchMalformed where the patch or one of its directives is not well formed
 */
export function applyStrategicMergePatch(document: unknown, patch: unknown, schemaDefinitionName: string): unknown {
  requireBoundedDepth(patch);
  if (!isRecord(patch)) throw new PatchMalformed('a strategic merge patch must be one JSON object that holds the fields to change');
  return mergeMap(isRecord(document) ? document : {}, patch, { schema: definitionOf(schemaDefinitionName).schema, path: '' });
}

interface Place {
  readonly schema: Schema | undefined;
  /** For messages, for example `spec.containers`. */
  readonly path: string;
}

function mergeMap(original: Fields, patch: Fields, place: Place): Fields {
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') return dropDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw new PatchMalformed(`${place.path || 'the patch'}: $patch must be replace, merge or delete, got ${JSON.stringify(directive)}`);
  }
  const result = new Map(Object.entries(retainKeys(original, patch, place)));
  for (const [key, value] of Object.entries(patch)) {
    if (!isDirective(key)) mergeMember(result, { key, value }, place);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM_PREFIX)) deleteFromMember(result, { key: key.slice(DELETE_FROM_PREFIX.length), value }, place);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(SET_ORDER_PREFIX))
      orderMember(result, { key: key.slice(SET_ORDER_PREFIX.length), value }, { original, patch, place });
  }
  return Object.fromEntries(result);
}

interface Member {
  readonly key: string;
  readonly value: unknown;
}

function mergeMember(result: Map<string, unknown>, { key, value }: Member, place: Place): void {
  if (value === null) {
    result.delete(key);
    return;
  }
  const strategy = patchStrategyOf(place.schema, key);
  const below: Place = { schema: schemaBelow(place.schema, key), path: childPath(place.path, key) };
  const before = result.get(key);
  result.set(key, mergeValue(before, value, { strategy, below }));
}

function mergeValue(before: unknown, value: unknown, { strategy, below }: { strategy: PatchStrategy; below: Place }): unknown {
  if (isRecord(value)) {
    if (strategy.map === 'replace') return value;
    // why: below an absent object the directives still have their meaning, so it is merged into an empty one
    const target = isRecord(before) ? before : {};
    return mergeMap(target, value, below);
  }
  if (!Array.isArray(value)) return value;
  if (strategy.list === 'replace') return value.map(cleanItem);
  return mergeList(Array.isArray(before) ? before : undefined, value, {
    mergeKey: strategy.mergeKey,
    path: below.path,
    mergeItem: (item, change) => mergeMap(item, change, below),
  });
}

function cleanItem(item: unknown): unknown {
  return isRecord(item) ? dropDirectives(item) : item;
}

function deleteFromMember(result: Map<string, unknown>, { key, value }: Member, place: Place): void {
  if (!Array.isArray(value))
    throw new PatchMalformed(`${childPath(place.path, DELETE_FROM_PREFIX + key)} must be a list of the values to delete`);
  const before = result.get(key);
  if (!Array.isArray(before)) return;
  result.set(key, deleteScalars(before, value));
}

function orderMember(
  result: Map<string, unknown>,
  { key, value }: Member,
  { original, patch, place }: { original: Fields; patch: Fields; place: Place },
): void {
  const path = childPath(place.path, SET_ORDER_PREFIX + key);
  if (!Array.isArray(value)) throw new PatchMalformed(`${path} must be a list`);
  const merged = result.get(key);
  if (!Array.isArray(merged)) return;
  const { mergeKey } = patchStrategyOf(place.schema, key);
  const [before, changes] = [original[key], patch[key]];
  const lists = { before: Array.isArray(before) ? before : [], changes: Array.isArray(changes) ? changes : [] };
  result.set(key, applyOrder(merged, value, { ...lists, mergeKey, path }));
}

/** `$retainKeys` names every member that stays; what the patch sets must be among them. */
function retainKeys(original: Fields, patch: Fields, place: Place): Fields {
  const kept = patch[RETAIN_KEYS];
  if (kept === undefined) return original;
  if (!Array.isArray(kept)) throw new PatchMalformed(`${childPath(place.path, RETAIN_KEYS)} must be a list of field names`);
  const names = new Set<unknown>(kept);
  const foreign = Object.entries(patch).find(([key, value]) => !isDirective(key) && value !== null && !names.has(key));
  if (foreign !== undefined) {
    throw new PatchMalformed(`${childPath(place.path, RETAIN_KEYS)} must name every field that the patch sets; ${foreign[0]} is missing`);
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => names.has(key)));
}

function childPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
