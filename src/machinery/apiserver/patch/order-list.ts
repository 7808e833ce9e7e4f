import { isRecord } from '#kit/json.ts';
import { DIRECTIVE } from './directives.ts';
import { PatchMalformed } from './errors.ts';

/** What tells an item of a list from the others: its merge key's value, or a scalar itself. */
export function identityOf(item: unknown, mergeKey: string | undefined): string {
  return JSON.stringify(mergeKey !== undefined && isRecord(item) ? (item[mergeKey] ?? null) : item);
}

interface MergeOrder {
  /** The order that the patch asks for. */
  readonly order: readonly unknown[];
  /** The list before the patch. */
  readonly before: readonly unknown[];
  readonly mergeKey: string | undefined;
}

/**
 * Puts the items that the patch names into its order, keeps the others in theirs, and interleaves both so that
 * an item which stood in front of a patched one stays in front (upstream's `mergeSortedSlice`).
 */
export function orderAfterMerge(merged: readonly unknown[], { order, before, mergeKey }: MergeOrder): readonly unknown[] {
  const key = (item: unknown): string => identityOf(item, mergeKey);
  const wanted = firstPlaces(order, mergeKey);
  const stood = firstPlaces(before, mergeKey);
  const rank = (map: ReadonlyMap<string, number>, item: unknown): number => map.get(key(item)) ?? Number.MAX_SAFE_INTEGER;
  const patched = merged.filter((item) => wanted.has(key(item))).sort((a, b) => rank(wanted, a) - rank(wanted, b));
  const others = merged.filter((item) => !wanted.has(key(item))).sort((a, b) => rank(stood, a) - rank(stood, b));
  const result: unknown[] = [];
  let next = 0;
  for (const item of patched) {
    const place = stood.get(key(item));
    while (place !== undefined && next < others.length && (stood.get(key(others[next])) ?? Number.MAX_SAFE_INTEGER) < place) {
      result.push(others[next]);
      next += 1;
    }
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}

interface SetOrder {
  readonly before: readonly unknown[];
  /** The items that the same patch changes or adds. */
  readonly changes: readonly unknown[];
  readonly mergeKey: string | undefined;
  readonly path: string;
}

/** Applies `$setElementOrder`. @throws PatchMalformed where the patch's own items are missing from it or stand in another order */
export function applyOrder(
  merged: readonly unknown[],
  order: readonly unknown[],
  { before, changes, mergeKey, path }: SetOrder,
): readonly unknown[] {
  if (order.length > 0) requireSameOrder(order, changes.filter(isChange), { mergeKey, path });
  return orderAfterMerge(merged, { order, before, mergeKey });
}

function isChange(item: unknown): boolean {
  return !isRecord(item) || item[DIRECTIVE] === undefined;
}

/** What the patch changes stands in the order as a part of it; of several items with one key each has a place of its own. */
function requireSameOrder(
  order: readonly unknown[],
  changes: readonly unknown[],
  { mergeKey, path }: Pick<SetOrder, 'mergeKey' | 'path'>,
): void {
  let next = 0;
  for (const change of changes) {
    const key = identityOf(change, mergeKey);
    while (next < order.length && identityOf(order[next], mergeKey) !== key) next += 1;
    if (next === order.length)
      throw new PatchMalformed(`the order in the patch list doesn't match ${path}: ${key} is missing or stands elsewhere`);
    next += 1;
  }
}

/** Where each identity stands first. */
export function firstPlaces(items: readonly unknown[], mergeKey: string | undefined): Map<string, number> {
  const places = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const key = identityOf(item, mergeKey);
    if (!places.has(key)) places.set(key, index);
  }
  return places;
}
