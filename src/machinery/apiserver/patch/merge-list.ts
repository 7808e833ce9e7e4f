import { isRecord } from '#kit/json.ts';
import { DIRECTIVE, dropDirectives, type Fields } from './directives.ts';
import { PatchMalformed } from './errors.ts';
import { firstPlaces, identityOf, orderAfterMerge } from './order-list.ts';

/** How a list is merged. */
export interface ListMerge {
  /** Absent for lists of scalars. */
  readonly mergeKey: string | undefined;
  readonly path: string;
  readonly mergeItem: (item: Fields, change: Fields) => Fields;
}

/**
 * Merges the items of a patch into a list: by the merge key, or as a set of scalars; patched items in the patch's order.
 * Items that share a key stay as they are: the patch changes the first of them and deletes all.
 */
export function mergeList(original: readonly unknown[] | undefined, patch: readonly unknown[], merge: ListMerge): readonly unknown[] {
  const { mergeKey } = merge;
  if (mergeKey === undefined) return mergeScalars(original, patch);
  const items = patch.map((item) => readItem(item, mergeKey, merge));
  const changes = items.filter((item) => item[DIRECTIVE] !== 'delete' && !isReplaceMark(item));
  if (items.some(isReplaceMark)) return changes.map(dropDirectives);
  // why: in a list that is new nothing is merged, so items that share a key stay apart
  if (original === undefined) return changes.map((change) => merge.mergeItem({}, change));
  const merged = withoutDeleted(original, items, mergeKey);
  const places = firstPlaces(merged, mergeKey);
  for (const change of changes) {
    const key = identityOf(change, mergeKey);
    const place = places.get(key) ?? merged.length;
    const item = merged[place];
    // why only the first: the patch names a key, and what else bears it is not named (two ports of one number, TCP and UDP)
    merged[place] = merge.mergeItem(isRecord(item) ? item : {}, change);
    places.set(key, place);
  }
  return orderAfterMerge(merged, { order: changes, before: original, mergeKey });
}

function mergeScalars(original: readonly unknown[] | undefined, patch: readonly unknown[]): readonly unknown[] {
  if (original === undefined) return patch;
  const merged = [...new Set([...original, ...patch])];
  return orderAfterMerge(merged, { order: patch, before: original, mergeKey: undefined });
}

function withoutDeleted(list: readonly unknown[], items: readonly Fields[], mergeKey: string): unknown[] {
  const gone = new Set(items.filter((item) => item[DIRECTIVE] === 'delete').map((item) => identityOf(item, mergeKey)));
  return list.filter((item) => !gone.has(identityOf(item, mergeKey)));
}

/** The list without `values`, as `$deleteFromPrimitiveList` asks. */
export function deleteScalars(list: readonly unknown[], values: readonly unknown[]): readonly unknown[] {
  const gone = new Set(values);
  return list.filter((item) => !gone.has(item));
}

/** An item with `$patch: replace` says that the patch's other items are the whole list. */
function isReplaceMark(item: Fields): boolean {
  return item[DIRECTIVE] === 'replace';
}

function readItem(item: unknown, mergeKey: string, { path }: ListMerge): Fields {
  if (!isRecord(item)) throw new PatchMalformed(`${path}: items must be objects with the field ${mergeKey}, got ${JSON.stringify(item)}`);
  if (isReplaceMark(item)) return item;
  if (!Object.hasOwn(item, mergeKey) || item[mergeKey] === null) {
    throw new PatchMalformed(`${path}: map ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return item;
}
