import { type CelValue, isList, isMap, sizeOf } from '../values/value.ts';

/** A tenth of a unit for each character of a text that is gone through (cel-go common/cost.go). */
export const TEXT_FACTOR = 0.1;
/** A quarter of a unit for each character of a pattern. */
export const PATTERN_FACTOR = 0.25;
export const LIST_COST = 10;
export const MAP_COST = 30;
export const MESSAGE_COST = 40;
/** An expression may ask the authorizer twice. */
export const AUTHORIZATION_COST = 350_000;

type Cost = (args: readonly CelValue[], result: CelValue, overload: string) => number;

const size = (args: readonly CelValue[], index: number): number => sizeOf(args[index] ?? null);
const textOf =
  (index: number, factor = 1): Cost =>
  (args) =>
    Math.ceil(size(args, index) * factor * TEXT_FACTOR);
const one: Cost = () => 1;
const traversal: Cost = (args) => traverse(args[0] ?? null);
const pattern: Cost = (args) => Math.ceil((1 + size(args, 0)) * TEXT_FACTOR) * Math.ceil(size(args, 1) * PATTERN_FACTOR);
const smaller: Cost = (args) => Math.ceil(Math.min(size(args, 0), size(args, 1)) * TEXT_FACTOR);
const added: Cost = (args, _result, overload) =>
  overload === 'add_string' || overload === 'add_bytes' ? Math.ceil((size(args, 0) + size(args, 1)) * TEXT_FACTOR) : 1;
const product: Cost = (args) => 1 + size(args, 0) * size(args, 1);
/** What is made of a list costs its items, too. */
const items: Cost = (args) => 1 + size(args, 0);

/** By function, what a call costs (apiserver pkg/cel/library/cost.go, cel-go interpreter/runtimecost.go). */
const COSTS: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  ['check', () => AUTHORIZATION_COST],
  ...['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'].map((name) => [name, traversal] as const),
  ...[
    'url',
    'jsonpatch.escapeKey',
    'lowerAscii',
    'upperAscii',
    'substring',
    'trim',
    'cidr',
    'isIP',
    'isCIDR',
    'quantity',
    'isQuantity',
    'semver',
    'isSemver',
    'startsWith',
    'endsWith',
    'strings.quote',
    'charAt',
    'isURL',
  ].map((name) => [name, textOf(0)] as const),
  ['format', (args, result) => Math.ceil((size(args, 0) + sizeOf(result)) * TEXT_FACTOR)],
  ...['replace', 'split'].map(
    (name) =>
      [name, (args: readonly CelValue[], result: CelValue) => Math.ceil((2 * size(args, 0) + sizeOf(result)) * TEXT_FACTOR)] as const,
  ),
  ['join', (_args, result) => Math.ceil(sizeOf(result) * 2 * TEXT_FACTOR)],
  ...['find', 'findAll', 'matches'].map((name) => [name, pattern] as const),
  ['ip', (args, _result, overload) => (overload === 'cidr_ip' ? 1 : Math.ceil(size(args, 0) * TEXT_FACTOR))],
  ['ip.isCanonical', textOf(0, 2)],
  [
    'containsIP',
    (args, _result, overload) =>
      Math.ceil(2 * size(args, 0) * TEXT_FACTOR) + (overload.endsWith('string') ? Math.ceil(size(args, 1) * TEXT_FACTOR) : 0),
  ],
  [
    'containsCIDR',
    (args, _result, overload) =>
      Math.ceil(2 * size(args, 0) * TEXT_FACTOR) +
      Math.ceil(size(args, 0) * TEXT_FACTOR) +
      1 +
      (overload.endsWith('string') ? Math.ceil(size(args, 1) * TEXT_FACTOR) : 0),
  ],
  ['validate', (args) => Math.ceil((1 + size(args, 1)) * TEXT_FACTOR) * Math.ceil(size(args, 0) * PATTERN_FACTOR)],
  ['contains', (args) => Math.ceil(size(args, 0) * TEXT_FACTOR) * Math.ceil(size(args, 1) * TEXT_FACTOR)],
  ['@in', (args, _result, overload) => (overload === 'in_list' ? size(args, 1) : 1)],
  ...['_==_', '_!=_', '_<_', '_<=_', '_>_', '_>=_'].map((name) => [name, smaller] as const),
  ['_+_', added],
  ['string', (args, _result, overload) => (overload === 'bytes_to_string' ? Math.ceil(size(args, 0) * TEXT_FACTOR) : 1)],
  ['bytes', textOf(0)],
  ...['sets.contains', 'sets.intersects'].map((name) => [name, product] as const),
  ['sets.equivalent', (args, result, overload) => 2 * product(args, result, overload)],
  ...['slice', 'reverse', 'distinct', 'sort', '@sortByAssociatedKeys'].map((name) => [name, items] as const),
  ['flatten', (_args, result) => 1 + sizeOf(result)],
  ['lists.range', (_args, result) => 1 + sizeOf(result)],
]);

/** What a call costs, after it was made. */
export function actualCost(
  name: string,
  overload: string,
  call: { readonly args: readonly CelValue[]; readonly result: CelValue },
): number {
  return (COSTS.get(name) ?? one)(call.args, call.result, overload);
}

function traverse(value: CelValue): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return Math.floor(value.length * TEXT_FACTOR);
  if (isList(value)) return value.reduce<number>((sum, item) => sum + traverse(item), 0);
  if (isMap(value)) return [...value].reduce((sum, [key, item]) => sum + traverse(key) + traverse(item), 0);
  return 1;
}
