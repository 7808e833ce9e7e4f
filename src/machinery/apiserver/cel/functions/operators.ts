import { celCompare, celEquals } from '../values/equality.ts';
import { concatLists } from '../values/lists.ts';
import { inRange } from '../values/time.ts';
import { CelError, type CelMap, type CelValue, Duration, keyOf, keyText, type Timestamp, Uint } from '../values/value.ts';
import { declare, type Overload } from './declare.ts';

const OVERFLOW = new CelError('integer overflow');
const UNSIGNED_OVERFLOW = new CelError('unsigned integer overflow');
const DURATION_OVERFLOW = new CelError('duration overflow');

export function intOf(value: bigint): CelValue {
  return value === BigInt.asIntN(64, value) ? value : OVERFLOW;
}

export function uintResult(value: bigint): CelValue {
  return value === BigInt.asUintN(64, value) ? new Uint(value) : UNSIGNED_OVERFLOW;
}

function durationOf(nanos: bigint): CelValue {
  return nanos === BigInt.asIntN(64, nanos) ? new Duration(nanos) : DURATION_OVERFLOW;
}

function timestampOf(nanos: bigint): CelValue {
  return inRange(nanos) ?? new CelError('timestamp overflow');
}

type Whole = (a: bigint, b: bigint) => bigint;

/** An operation on numbers of one type. */
function arithmetic(
  operator: string,
  id: string,
  [whole, real]: readonly [Whole, ((a: number, b: number) => number) | undefined],
): readonly Overload[] {
  return [
    declare(`_${operator}_(int, int) -> int`, `${id}_int64`, (a: bigint, b: bigint) => intOf(whole(a, b))),
    declare(`_${operator}_(uint, uint) -> uint`, `${id}_uint64`, (a: Uint, b: Uint) => uintResult(whole(a.value, b.value))),
    ...(real === undefined ? [] : [declare(`_${operator}_(double, double) -> double`, `${id}_double`, real)]),
  ];
}

function division(operator: string, id: string, whole: Whole): readonly Overload[] {
  const byZero = new CelError(operator === '/' ? 'division by zero' : 'modulus by zero');
  return [
    declare(`_${operator}_(int, int) -> int`, `${id}_int64`, (a: bigint, b: bigint) => (b === 0n ? byZero : intOf(whole(a, b)))),
    declare(`_${operator}_(uint, uint) -> uint`, `${id}_uint64`, (a: Uint, b: Uint) =>
      b.value === 0n ? byZero : new Uint(whole(a.value, b.value)),
    ),
  ];
}

const ORDERED = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'];
const NUMBERS = ['int', 'uint', 'double'];
const ID_NAMES: Readonly<Record<string, string>> = { int: 'int64', uint: 'uint64' };

function comparison(operator: string, id: string, isRight: (order: number) => boolean): readonly Overload[] {
  const run = (a: CelValue, b: CelValue): CelValue => {
    const order = celCompare(a, b);
    return order instanceof CelError ? order : isRight(order);
  };
  const pairs = [
    ...ORDERED.map((type) => [type, type] as const),
    ...NUMBERS.flatMap((left) => NUMBERS.filter((right) => right !== left).map((right) => [left, right] as const)),
  ];
  return pairs.map(([left, right]) => {
    const suffix = left === right ? (ID_NAMES[left] ?? left) : `${ID_NAMES[left] ?? left}_${ID_NAMES[right] ?? right}`;
    return declare(`_${operator}_(${left}, ${right}) -> bool`, `${id}_${suffix}`, run);
  });
}

function indexList(list: readonly CelValue[], index: CelValue): CelValue {
  const place = keyOf(index);
  if (typeof place !== 'bigint') return new CelError(`unsupported index type in list`);
  return (place >= 0n ? list[Number(place)] : undefined) ?? missingItem(list, place);
}

function missingItem(list: readonly CelValue[], place: bigint): CelValue {
  return place >= 0n && place < BigInt(list.length) ? null : new CelError(`index out of bounds: ${place}`);
}

function indexMap(map: CelMap, key: CelValue): CelValue {
  const known = keyOf(key);
  const found = known === undefined ? undefined : map.get(known);
  return found === undefined ? new CelError(`no such key: ${keyText(known)}`) : found;
}

/** What `map[key]` or `list[index]` is; an error where it is not there. */
export function indexInto(of: readonly CelValue[] | CelMap, key: CelValue): CelValue {
  return of instanceof Map ? indexMap(of, key) : Array.isArray(of) ? indexList(of, key) : new CelError('no such overload');
}

/** Operators, as functions (cel-go common/stdlib). `_&&_`, `_||_`, `_?_:_` are known to the evaluator. */
export const OPERATORS: readonly Overload[] = [
  declare('_?_:_(bool, A, A) -> A', 'conditional', () => null),
  declare('_&&_(bool, bool) -> bool', 'logical_and', () => null),
  declare('_||_(bool, bool) -> bool', 'logical_or', () => null),
  declare('@not_strictly_false(bool) -> bool', 'not_strictly_false', () => null),
  declare('!_(bool) -> bool', 'logical_not', (value: boolean) => !value),
  declare('_==_(A, A) -> bool', 'equals', (a: CelValue, b: CelValue) => celEquals(a, b)),
  declare('_!=_(A, A) -> bool', 'not_equals', (a: CelValue, b: CelValue) => !celEquals(a, b)),
  ...arithmetic('+', 'add', [(a, b) => a + b, (a, b) => a + b]),
  ...arithmetic('-', 'subtract', [(a, b) => a - b, (a, b) => a - b]),
  ...arithmetic('*', 'multiply', [(a, b) => a * b, (a, b) => a * b]),
  ...division('/', 'divide', (a, b) => a / b),
  declare('_/_(double, double) -> double', 'divide_double', (a: number, b: number) => a / b),
  ...division('%', 'modulo', (a, b) => a % b),
  declare('-_(int) -> int', 'negate_int64', (value: bigint) => intOf(-value)),
  declare('-_(double) -> double', 'negate_double', (value: number) => -value),
  declare('_+_(string, string) -> string', 'add_string', (a: string, b: string) => a + b),
  declare('_+_(bytes, bytes) -> bytes', 'add_bytes', (a: Uint8Array, b: Uint8Array) => new Uint8Array(Buffer.concat([a, b]))),
  declare('_+_(list(A), list(A)) -> list(A)', 'add_list', concatLists),
  declare('_+_(timestamp, duration) -> timestamp', 'add_timestamp_duration', (a: Timestamp, b: Duration) => timestampOf(a.nanos + b.nanos)),
  declare('_+_(duration, timestamp) -> timestamp', 'add_duration_timestamp', (a: Duration, b: Timestamp) => timestampOf(a.nanos + b.nanos)),
  declare('_+_(duration, duration) -> duration', 'add_duration_duration', (a: Duration, b: Duration) => durationOf(a.nanos + b.nanos)),
  declare('_-_(timestamp, duration) -> timestamp', 'subtract_timestamp_duration', (a: Timestamp, b: Duration) =>
    timestampOf(a.nanos - b.nanos),
  ),
  declare('_-_(timestamp, timestamp) -> duration', 'subtract_timestamp_timestamp', (a: Timestamp, b: Timestamp) =>
    durationOf(a.nanos - b.nanos),
  ),
  declare('_-_(duration, duration) -> duration', 'subtract_duration_duration', (a: Duration, b: Duration) => durationOf(a.nanos - b.nanos)),
  ...comparison('<', 'less', (order) => order < 0),
  ...comparison('<=', 'less_equals', (order) => order <= 0),
  ...comparison('>', 'greater', (order) => order > 0),
  ...comparison('>=', 'greater_equals', (order) => order >= 0),
  declare('@in(A, list(A)) -> bool', 'in_list', (item: CelValue, list: readonly CelValue[]) =>
    list.some((other) => celEquals(item, other)),
  ),
  declare('@in(A, map(A, B)) -> bool', 'in_map', (key: CelValue, map: CelMap) => {
    const known = keyOf(key);
    return known !== undefined && map.has(known);
  }),
  declare('_[_](list(A), int) -> A', 'index_list', indexList),
  declare('_[_](map(A, B), A) -> B', 'index_map', indexMap),
];
