import { celCompare, celEquals, identityText } from '../values/equality.ts';
import { CelError, type CelMap, type CelValue, Duration, isList, isMap, keyOf, keyText, type Uint } from '../values/value.ts';
import { declare, type Overload } from './declare.ts';
import { intOf, uintResult } from './operators.ts';

const COMPARABLE = ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'timestamp', 'duration'];
/** Most items that `lists.range` makes. */
const MAX_RANGE = 1_000_000n;

function isSorted(list: readonly CelValue[]): CelValue {
  for (let index = 1; index < list.length; index += 1) {
    const order = celCompare(list[index - 1] ?? null, list[index] ?? null);
    if (order instanceof CelError) return order;
    if (order > 0) return false;
  }
  return true;
}

function extreme(name: string, isBetter: (order: number) => boolean) {
  return (list: readonly CelValue[]): CelValue => {
    let best = list[0];
    if (best === undefined) return new CelError(`${name} called on empty list`);
    for (const item of list) {
      const order = celCompare(item, best);
      if (order instanceof CelError) return order;
      if (isBetter(order)) best = item;
    }
    return best;
  };
}

const SUMS: readonly Overload[] = [
  declare('list(int).sum() -> int', 'list_int_sum_int', (list: readonly bigint[]) => intOf(list.reduce((sum, item) => sum + item, 0n))),
  declare('list(uint).sum() -> uint', 'list_uint_sum_uint', (list: readonly Uint[]) =>
    uintResult(list.reduce((sum, item) => sum + item.value, 0n)),
  ),
  declare('list(double).sum() -> double', 'list_double_sum_double', (list: readonly number[]) => list.reduce((sum, item) => sum + item, 0)),
  declare(
    'list(duration).sum() -> duration',
    'list_duration_sum_duration',
    (list: readonly Duration[]) => new Duration(list.reduce((sum, { nanos }) => sum + nanos, 0n)),
  ),
];

function place(index: number): bigint {
  return BigInt(index);
}

function slice(list: readonly CelValue[], start: bigint, end: bigint): CelValue {
  const length = BigInt(list.length);
  if (start < 0n || end < 0n) return new CelError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end) return new CelError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (length < end) return new CelError(`cannot slice(${start}, ${end}), list is length ${length}`);
  return list.slice(Number(start), Number(end));
}

function flatten(list: readonly CelValue[], depth = 1n): CelValue {
  if (depth < 0n) return new CelError('level must be non-negative');
  return list.flatMap((item) => {
    if (!isList(item) || depth === 0n) return [item];
    const inner = flatten(item, depth - 1n);
    return isList(inner) ? inner : [inner];
  });
}

function sorted(list: readonly CelValue[], keys: readonly CelValue[]): CelValue {
  if (list.length !== keys.length)
    return new CelError('@sortByAssociatedKeys() expected a list of the same size as the associated keys list');
  const failed = keys
    .slice(1)
    .map((key) => celCompare(keys[0] ?? null, key))
    .find((order) => order instanceof CelError);
  if (failed instanceof CelError) return new CelError('list elements must have the same type');
  const order = keys.map((_key, index) => index);
  return order.toSorted((a, b) => Number(celCompare(keys[a] ?? null, keys[b] ?? null))).map((index) => list[index] ?? null);
}

function distinct(list: readonly CelValue[]): CelValue {
  const seen = new Set<string>();
  return list.filter((item) => {
    const text = identityText(item);
    return !seen.has(text) && seen.add(text) !== undefined;
  });
}

function range(count: bigint): CelValue {
  if (count > MAX_RANGE) return new CelError(`lists.range makes at most ${MAX_RANGE} items`);
  return Array.from({ length: Math.max(0, Number(count)) }, (_, index) => BigInt(index));
}

/** apiserver pkg/cel/library/lists.go and cel-go ext/lists.go (version 3). */
const LISTS: readonly Overload[] = [
  ...COMPARABLE.flatMap((type) => [
    declare(`list(${type}).isSorted() -> bool`, `list_${type}_is_sorted_bool`, isSorted),
    declare(
      `list(${type}).min() -> ${type}`,
      `list_${type}_min_${type}`,
      extreme('min', (order) => order < 0),
    ),
    declare(
      `list(${type}).max() -> ${type}`,
      `list_${type}_max_${type}`,
      extreme('max', (order) => order > 0),
    ),
    declare(`list(${type}).sort() -> list(${type})`, `list_${type}_sort`, (list: readonly CelValue[]) => sorted(list, list)),
    declare(`list(T).@sortByAssociatedKeys(list(${type})) -> list(T)`, `list_${type}_sortByAssociatedKeys`, sorted),
  ]),
  ...SUMS,
  declare('list(A).indexOf(A) -> int', 'list_a_index_of_int', (list: readonly CelValue[], item: CelValue) =>
    place(list.findIndex((other) => celEquals(other, item))),
  ),
  declare('list(A).lastIndexOf(A) -> int', 'list_a_last_index_of_int', (list: readonly CelValue[], item: CelValue) =>
    place(list.findLastIndex((other) => celEquals(other, item))),
  ),
  declare('list(A).slice(int, int) -> list(A)', 'list_slice', slice),
  declare('list(list(A)).flatten() -> list(A)', 'list_flatten', (list: readonly CelValue[]) => flatten(list)),
  declare('list(dyn).flatten(int) -> list(dyn)', 'list_flatten_int', flatten),
  declare('lists.range(int) -> list(int)', 'lists_range', range),
  declare('list(A).reverse() -> list(A)', 'list_reverse', (list: readonly CelValue[]) => list.toReversed()),
  declare('list(A).distinct() -> list(A)', 'list_distinct', distinct),
];

const containsAll = (list: readonly CelValue[], items: readonly CelValue[]): boolean =>
  items.every((item) => list.some((other) => celEquals(other, item)));

/** cel-go ext/sets.go. */
const SETS: readonly Overload[] = [
  declare('sets.contains(list(A), list(A)) -> bool', 'list_sets_contains_list', containsAll),
  declare(
    'sets.equivalent(list(A), list(A)) -> bool',
    'list_sets_equivalent_list',
    (a: readonly CelValue[], b: readonly CelValue[]) => containsAll(a, b) && containsAll(b, a),
  ),
  declare('sets.intersects(list(A), list(A)) -> bool', 'list_sets_intersects_list', (a: readonly CelValue[], b: readonly CelValue[]) =>
    a.some((item) => b.some((other) => celEquals(other, item))),
  ),
];

function inserted(map: CelMap, more: Iterable<readonly [CelValue, CelValue]>): CelValue {
  const next = new Map(map);
  for (const [key, value] of more) {
    const known = keyOf(key);
    if (known === undefined) return new CelError('unsupported key type');
    if (next.has(known)) return new CelError(`insert failed: key ${keyText(known)} already exists`);
    next.set(known, value);
  }
  return next;
}

/** cel-go ext/comprehensions.go. */
const INSERTS: readonly Overload[] = [
  declare('cel.@mapInsert(map(K, V), K, V) -> map(K, V)', 'cel_@mapInsert_map_key_value', (map: CelMap, key: CelValue, value: CelValue) =>
    inserted(map, [[key, value]]),
  ),
  declare('cel.@mapInsert(map(K, V), map(K, V)) -> map(K, V)', 'cel_@mapInsert_map_map', (map: CelMap, more: CelValue) =>
    isMap(more) ? inserted(map, more) : new CelError('no such overload'),
  ),
];

export const COLLECTIONS: readonly Overload[] = [...LISTS, ...SETS, ...INSERTS];
