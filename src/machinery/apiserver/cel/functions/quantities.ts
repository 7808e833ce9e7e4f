import { addQuantity, compareQuantity, parseQuantity, type Quantity, subtractQuantity } from '#kit/quantity.ts';
import type { Type } from '../check/types.ts';
import { CelError, type CelValue, OpaqueValue } from '../values/value.ts';
import { declare, type Overload, typeNamed } from './declare.ts';

/** A quantity as rules see it. */
class QuantityValue extends OpaqueValue {
  readonly type: Type = typeNamed('quantity');
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof QuantityValue && compareQuantity(this.quantity, other.quantity) === 0;
  }
}

const whole = (value: bigint): QuantityValue => new QuantityValue({ mantissa: value, exponent: 0, format: 'DecimalExponent' });

function integerOf({ mantissa, exponent }: Quantity): bigint | undefined {
  const divisor = exponent < 0 ? 10n ** BigInt(-exponent) : 1n;
  if (mantissa % divisor !== 0n) return undefined;
  const value = exponent < 0 ? mantissa / divisor : mantissa * 10n ** BigInt(exponent);
  return value === BigInt.asIntN(64, value) ? value : undefined;
}

type Combine = (a: Quantity, b: Quantity) => Quantity;

function combined(name: string, combine: Combine): readonly Overload[] {
  const run = (a: QuantityValue, b: QuantityValue): CelValue => new QuantityValue(combine(a.quantity, b.quantity));
  return [
    declare(`quantity.${name}(quantity) -> quantity`, `quantity_${name}`, run),
    declare(`quantity.${name}(int) -> quantity`, `quantity_${name}_int`, (a: QuantityValue, b: bigint) => run(a, whole(b))),
  ];
}

const compare = (a: QuantityValue, b: QuantityValue): number => compareQuantity(a.quantity, b.quantity);

/** apiserver pkg/cel/library/quantity.go. */
export const QUANTITIES: readonly Overload[] = [
  declare('quantity(string) -> quantity', 'string_to_quantity', (text: string) => {
    const parsed = parseQuantity(text);
    return parsed.ok ? new QuantityValue(parsed.value) : new CelError(parsed.error);
  }),
  declare('isQuantity(string) -> bool', 'is_quantity_string', (text: string) => parseQuantity(text).ok),
  declare('sign(quantity) -> int', 'quantity_sign', ({ quantity: { mantissa } }: QuantityValue) =>
    mantissa < 0n ? -1n : mantissa > 0n ? 1n : 0n,
  ),
  declare(
    'quantity.isGreaterThan(quantity) -> bool',
    'quantity_is_greater_than',
    (a: QuantityValue, b: QuantityValue) => compare(a, b) > 0,
  ),
  declare('quantity.isLessThan(quantity) -> bool', 'quantity_is_less_than', (a: QuantityValue, b: QuantityValue) => compare(a, b) < 0),
  declare('quantity.compareTo(quantity) -> int', 'quantity_compare_to', (a: QuantityValue, b: QuantityValue) => BigInt(compare(a, b))),
  declare('quantity.asApproximateFloat() -> double', 'quantity_get_float', ({ quantity }: QuantityValue) =>
    Number(`${quantity.mantissa}e${quantity.exponent}`),
  ),
  declare('quantity.isInteger() -> bool', 'quantity_is_integer', ({ quantity }: QuantityValue) => integerOf(quantity) !== undefined),
  declare(
    'quantity.asInteger() -> int',
    'quantity_get_int',
    ({ quantity }: QuantityValue) => integerOf(quantity) ?? new CelError('cannot convert value to integer'),
  ),
  ...combined('add', addQuantity),
  ...combined('sub', subtractQuantity),
];
