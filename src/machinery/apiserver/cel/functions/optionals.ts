import { CelError, type CelMap, type CelValue, isList, isMap, keyOf, MessageValue, Optional } from '../values/value.ts';
import { declare, type Overload } from './declare.ts';
import { indexInto } from './operators.ts';

const NONE = new Optional(undefined);

/** A value, or nothing. */
export function optionalOf(value: CelValue | undefined): Optional {
  return value === undefined ? NONE : new Optional(value);
}

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true;
  if (isList(value)) return value.length === 0;
  if (value instanceof MessageValue) return value.isZero;
  return isMap(value) ? value.size === 0 : value instanceof Optional && value.value === undefined;
}

/** What stands behind a key or index, or nothing; through an optional, too. */
export function optionalIndex(of: CelValue, key: CelValue): CelValue {
  const from = of instanceof Optional ? of.value : of;
  if (from === undefined) return NONE;
  if (isMap(from)) {
    const known = keyOf(key);
    return optionalOf(known === undefined ? undefined : from.get(known));
  }
  if (from instanceof MessageValue && typeof key === 'string') return from.has(key) ? optionalOf(from.get(key)) : NONE;
  if (!isList(from)) return new CelError('no such overload');
  const found = indexInto(from, key);
  return found instanceof CelError ? NONE : optionalOf(found);
}

/** Through an optional: nothing stays nothing. */
function throughOptional(of: Optional, key: CelValue): CelValue {
  return optionalIndex(of, key);
}

/** cel-go cel/library.go `OptionalTypes`. `or` and `orValue` are known to the evaluator, which leaves their arguments alone where it can. */
export const OPTIONALS: readonly Overload[] = [
  declare('optional.of(A) -> optional(A)', 'optional_of', optionalOf),
  declare('optional.ofNonZeroValue(A) -> optional(A)', 'optional_ofNonZeroValue', (value: CelValue) =>
    isZero(value) ? NONE : optionalOf(value),
  ),
  declare('optional.none() -> optional(A)', 'optional_none', () => NONE),
  declare('optional(A).value() -> A', 'optional_value', ({ value }: Optional) => value ?? noneOr(value)),
  declare('optional(A).hasValue() -> bool', 'optional_hasValue', ({ value }: Optional) => value !== undefined),
  declare('optional(A).or(optional(A)) -> optional(A)', 'optional_or_optional', (a: Optional, b: Optional) =>
    a.value === undefined ? b : a,
  ),
  declare('optional(A).orValue(A) -> A', 'optional_orValue_value', (a: Optional, b: CelValue) => (a.value === undefined ? b : a.value)),
  declare('_?._(dyn, string) -> optional(V)', 'select_optional_field', optionalIndex),
  declare('_[?_](list(A), int) -> optional(A)', 'list_optindex_optional_int', optionalIndex),
  declare('_[?_](optional(list(A)), int) -> optional(A)', 'optional_list_optindex_optional_int', throughOptional),
  declare('_[?_](map(A, B), A) -> optional(B)', 'map_optindex_optional_value', (map: CelMap, key: CelValue) => optionalIndex(map, key)),
  declare('_[?_](optional(map(A, B)), A) -> optional(B)', 'optional_map_optindex_optional_value', throughOptional),
  declare('_[_](optional(list(A)), int) -> optional(A)', 'optional_list_index_int', throughOptional),
  declare('_[_](optional(map(A, B)), A) -> optional(B)', 'optional_map_index_value', throughOptional),
];

function noneOr(value: CelValue | undefined): CelValue {
  return value === undefined ? new CelError('optional.none() dereference') : value;
}
