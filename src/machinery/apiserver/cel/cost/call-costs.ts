import { AUTHORIZATION_COST, LIST_COST, PATTERN_FACTOR, TEXT_FACTOR } from '../run/actual-cost.ts';
import type { Costed, CostedCall, SizeSource } from './costed.ts';
import { add, type Estimate, fixed, multiply, scale, UNBOUNDED, UNKNOWN, ZERO } from './estimate-range.ts';

/** What a call costs, and how large its result is. */
export interface CallEstimate {
  readonly cost: Estimate;
  /** Of the result; undefined where nothing tells. */
  readonly size?: Estimate | undefined;
}

type EstimateOf = (call: CostedCall, estimator: SizeSource) => CallEstimate | undefined;

/** Length that upstream takes the pattern of a format for. */
const FORMAT_PATTERN = 128;
const ADDRESS: Estimate = { min: 4, max: 16 };
const MAX_FORMAT = 64;

const sizeOr = (costed: Costed | undefined): Estimate => costed?.size ?? UNKNOWN;
const text = (size: Estimate, factor = 1): Estimate => scale(size, factor * TEXT_FACTOR);

/** A function on a text, which costs the going through it. */
const onTarget: EstimateOf = ({ target }) => ({ cost: text(sizeOr(target)), size: sizeOr(target) });
const onArgument: EstimateOf = ({ args }) => ({ cost: text(sizeOr(args[0])) });

const traversal: EstimateOf = ({ target }, { sizeOfPath }) => {
  if (target === undefined) return undefined;
  const size = sizeOr(target);
  const [item] = target.type.params;
  if (item === undefined) return { cost: text(size) };
  const isText = item.name === 'string' || item.name === 'bytes';
  const itemSize = (target.path.length === 0 ? undefined : sizeOfPath([...target.path, '@items'])) ?? UNKNOWN;
  return { cost: multiply(size, isText ? add(fixed(1), text(itemSize)) : fixed(1)) };
};

const join: EstimateOf = ({ target, args }, { sizeOfPath }) => {
  if (target === undefined) return undefined;
  const count = sizeOr(target);
  const item = (target.path.length === 0 ? undefined : sizeOfPath([...target.path, '@items'])) ?? UNKNOWN;
  const separators = { min: Math.max(0, count.min - 1), max: Math.max(0, count.max - 1) };
  const size = add(multiply(count, item), args[0] === undefined ? ZERO : multiply(sizeOr(args[0]), separators));
  return { cost: text(size), size };
};

const replace: EstimateOf = ({ target, args }) => {
  const [size, old, next] = [sizeOr(target), sizeOr(args[0]), sizeOr(args[1])];
  const most =
    old.min === 0
      ? { count: Math.min(size.max + 1, UNBOUNDED), kept: size.max }
      : next.max <= old.min
        ? { count: 0, kept: size.max }
        : { count: Math.ceil(size.max / old.min), kept: 0 };
  const least =
    old.max === 0
      ? { count: size.min + 1, kept: size.min }
      : old.max <= next.min
        ? { count: 0, kept: size.min }
        : { count: Math.ceil(size.min / old.max), kept: 0 };
  const made = add(multiply({ min: least.count, max: most.count }, next), { min: least.kept, max: most.kept });
  return { cost: text(size, 2), size: made };
};

const split: EstimateOf = ({ target, args }) => {
  const size = sizeOr(target);
  const limit = args[1]?.node;
  const max = limit?.kind === 'literal' && typeof limit.value === 'bigint' && limit.value >= 0n ? Number(limit.value) : size.max;
  return { cost: text(size, 2), size: { min: 0, max } };
};

const pattern: EstimateOf = ({ target, args }) => {
  const [size, of] = target === undefined ? [sizeOr(args[0]), sizeOr(args[1])] : [sizeOr(target), sizeOr(args[0])];
  const cost = multiply(text(add(size, fixed(1))), scale(of, PATTERN_FACTOR));
  return { cost, size: { min: 0, max: size.max } };
};

const matches: EstimateOf = (call, estimator) => ({ cost: pattern(call, estimator)?.cost ?? UNKNOWN });

const contains: EstimateOf = ({ target, args }) => ({ cost: multiply(text(sizeOr(target)), text(sizeOr(args[0]))) });

const address =
  (twice: Estimate, textual: string): EstimateOf =>
  ({ overload, args }) => ({ cost: overload === textual ? add(twice, text(sizeOr(args[0]))) : twice });
const inRange = text(add(ADDRESS, ADDRESS));

const comparison: EstimateOf = ({ args, name }) => {
  const [left, right] = args;
  const known = name === '_==_' && left?.type.kind === 'opaque' ? OPAQUE_EQUALITY.get(left.type.name) : undefined;
  if (known !== undefined) return { cost: known };
  const max = Math.min(sizeOr(left).max, sizeOr(right).max);
  return { cost: text({ min: max > 0 ? 1 : 0, max }) };
};

const OPAQUE_EQUALITY: ReadonlyMap<string, Estimate> = new Map([
  ['kubernetes.NamedFormat', text({ min: 1, max: MAX_FORMAT })],
  ...['net.IP', 'net.CIDR', 'kubernetes.Quantity', 'kubernetes.Semver'].map((name) => [name, fixed(1)] as const),
  ...['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map(
    (name) => [`kubernetes.authorization.${name}`, fixed(1)] as const,
  ),
]);

/** A call that makes a list of `size` items. */
function allocating(factor: number, size: Estimate): CallEstimate {
  return { cost: add(scale(size, factor), fixed(1), fixed(LIST_COST)), size };
}

const sorting =
  (of: 'target' | 'argument'): EstimateOf =>
  (call) => {
    const costed = of === 'target' ? call.target : call.args[0];
    const size = sizeOr(costed);
    const item = costed?.type.params[0]?.name;
    return allocating(item === 'string' || item === 'bytes' ? 2.1 : 2, multiply(size, size));
  };

function literalInt(costed: Costed | undefined, fallback: number): number {
  const node = costed?.node;
  return node?.kind === 'literal' && typeof node.value === 'bigint' && node.value >= 0n ? Number(node.value) : fallback;
}

const sets =
  (factor: number): EstimateOf =>
  ({ args }) => ({ cost: add(scale(multiply(sizeOr(args[0]), sizeOr(args[1])), factor), fixed(1)) });

const inList: EstimateOf = ({ overload, args }) => (overload === 'in_list' ? { cost: sizeOr(args[1]) } : undefined);

const bytesOf: EstimateOf = ({ overload, args }) => {
  const size = sizeOr(args[0]);
  if (overload === 'string_to_bytes') return { cost: text(size), size: { min: size.min, max: size.max * 4 } };
  return overload === 'bytes_to_string' ? { cost: text(size), size: { min: Math.floor(size.min / 4), max: size.max } } : undefined;
};

const quote: EstimateOf = ({ args }) => {
  const size = sizeOr(args[0]);
  return { cost: text(size), size: { min: size.min + 2, max: size.max * 2 + 2 } };
};

const selector: EstimateOf = ({ args }) => {
  const size = sizeOr(args[0]);
  return { cost: add(fixed(LIST_COST), text(size), scale(scale(size, 0.5), LIST_COST + 40)) };
};

/** By function, what calls cost beside their arguments; one unit where there is nothing here (apiserver pkg/cel/library/cost.go, cel-go checker/cost.go, ext). */
const ESTIMATES: ReadonlyMap<string, EstimateOf> = new Map<string, EstimateOf>([
  ['check', () => ({ cost: fixed(AUTHORIZATION_COST) })],
  ...['fieldSelector', 'labelSelector'].map((name) => [name, selector] as const),
  ...['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'].map((name) => [name, traversal] as const),
  ...['url', 'jsonpatch.escapeKey'].map(
    (name) => [name, ({ args }: CostedCall) => ({ cost: text(sizeOr(args[0])), size: sizeOr(args[0]) })] as const,
  ),
  ...['lowerAscii', 'upperAscii', 'substring', 'trim'].map((name) => [name, onTarget] as const),
  ['format', ({ target }) => ({ cost: text(sizeOr(target)) })],
  ['replace', replace],
  ['split', split],
  ['join', join],
  ...['find', 'findAll'].map((name) => [name, pattern] as const),
  ['matches', matches],
  ['contains', contains],
  ...['startsWith', 'endsWith', 'cidr', 'isIP', 'isCIDR', 'quantity', 'isQuantity', 'semver', 'isSemver'].map(
    (name) => [name, onArgument] as const,
  ),
  ['ip', ({ overload, args }) => ({ cost: overload === 'cidr_ip' ? fixed(1) : text(sizeOr(args[0])) })],
  ['ip.isCanonical', ({ args }) => ({ cost: text(sizeOr(args[0]), 2) })],
  ['containsIP', address(inRange, 'cidr_contains_ip_string')],
  ['containsCIDR', address(add(inRange, text(ADDRESS), fixed(1)), 'cidr_contains_cidr_string')],
  ['validate', ({ args }) => ({ cost: scale(text(sizeOr(args[0])), FORMAT_PATTERN * PATTERN_FACTOR) })],
  ...['_==_', '_!=_'].map((name) => [name, comparison] as const),
  ...['_<_', '_<=_', '_>_', '_>=_'].map(
    (name) =>
      [
        name,
        (call: CostedCall, estimator: SizeSource) => (/(?:string|bytes)$/.test(call.overload) ? comparison(call, estimator) : undefined),
      ] as const,
  ),
  ['@in', inList],
  ['string', bytesOf],
  ['bytes', bytesOf],
  ['strings.quote', quote],
  ['sets.contains', sets(1)],
  ['sets.intersects', sets(1)],
  ['sets.equivalent', sets(2)],
  ['slice', ({ target, args }) => allocating(1, fixed(Math.max(0, literalInt(args[1], sizeOr(target).max) - literalInt(args[0], 0))))],
  ['lists.range', ({ args }) => allocating(1, fixed(literalInt(args[0], UNBOUNDED)))],
  ['reverse', ({ target }) => allocating(1, sizeOr(target))],
  ['flatten', ({ target, args }) => allocating(args.length === 0 ? 1 : literalInt(args[0], UNBOUNDED), sizeOr(target))],
  ['distinct', ({ target }) => allocating(2, multiply(sizeOr(target), sizeOr(target)))],
  ['sort', sorting('target')],
  ['@sortByAssociatedKeys', sorting('argument')],
]);

/** What a call costs beside its arguments, and how large its result is. */
export function estimateCall(call: CostedCall, estimator: SizeSource): CallEstimate {
  return ESTIMATES.get(call.name)?.(call, estimator) ?? { cost: fixed(1) };
}
