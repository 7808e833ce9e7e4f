import { isRecord } from '#kit/json.ts';
import { DIRECTIVE, dropDirectives, type Fields } from './directives.ts';
import { PatchMalformed } from './errors.ts';
import { identityOf, orderAfterMerge } from './order-list.ts';

/** How a list is merged. */
export interface ListMerge {
  /** Absent for lists of scalars. */
  readonly mergeKey: string | undefined;
  readonly path: string;
  readonly mergeItem: (item: Fields, change: Fields) => Fields;
}

/** Merges the items of a patch into a list: by the merge key, or as a set of scalars; patched items in the patch's order. */
export function mergeList(original: readonly unknown[], patch: readonly unknown[], merge: ListMerge): readonly unknown[] {
  const { mergeKey } = merge;
  if (mergeKey === undefined) {
    const merged = [...new Set([...original, ...patch])];
    return orderAfterMerge(merged, { order: patch, before: original, mergeKey });
  }
  const items = patch.map((item) => readItem(item, mergeKey, merge));
  const changes = items.filter((item) => item[DIRECTIVE] !== 'delete' && !isReplaceMark(item));
  if (items.some(isReplaceMark)) return changes.map(dropDirectives);
  const byKey = new Map<string, unknown>(original.map((item) => [identityOf(item, mergeKey), item]));
  for (const item of items) {
    if (item[DIRECTIVE] === 'delete') byKey.delete(identityOf(item, mergeKey));
  }
  for (const change of changes) {
    const key = identityOf(change, mergeKey);
    const item = byKey.get(key);
    byKey.set(key, isRecord(item) ? merge.mergeItem(item, change) : merge.mergeItem({}, change));
  }
  return orderAfterMerge([...byKey.values()], { order: changes, before: original, mergeKey });
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
