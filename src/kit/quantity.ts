import { fail, ok, type Result } from './errors.ts';

/**
 * An exact Kubernetes quantity: `mantissa * 10^exponent`, with the suffix family it was written in.
 * Grammar and canonical form: apimachinery pkg/api/resource/quantity.go.
 */
export interface Quantity {
  readonly mantissa: bigint;
  readonly exponent: number;
  readonly format: 'BinarySI' | 'DecimalSI' | 'DecimalExponent';
}

const BINARY: readonly (readonly [string, bigint])[] = [
  ['Ei', 1n << 60n],
  ['Pi', 1n << 50n],
  ['Ti', 1n << 40n],
  ['Gi', 1n << 30n],
  ['Mi', 1n << 20n],
  ['Ki', 1n << 10n],
];
const DECIMAL: readonly (readonly [string, number])[] = [
  ['E', 18],
  ['P', 15],
  ['T', 12],
  ['G', 9],
  ['M', 6],
  ['k', 3],
  ['', 0],
  ['m', -3],
  ['u', -6],
  ['n', -9],
];
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,3})?$/;
/** Quantities are rounded up to this exponent: the API keeps nothing finer than nano. */
const SMALLEST_EXPONENT = -9;

/** Power of the largest decimal suffix, E. */
const LARGEST_SUFFIX = 18;

/** Longest text that is read: more digits than any quantity of the world has, few enough for exact arithmetic. */
const MAX_CHARS = 1_000;

const REMEDY = 'write a number with an optional suffix, for example 500Mi, 10Gi or 1.5G';

/** Reads a quantity. The error says what is wrong and what would be right. */
export function parseQuantity(text: string): Result<Quantity> {
  if (text.length > MAX_CHARS) return fail(`a quantity has at most ${MAX_CHARS} characters: ${REMEDY}`);
  const match = PATTERN.exec(text);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match ?? [];
  if (match === null || whole + fraction === '') return fail(`${JSON.stringify(text)} is not a quantity: ${REMEDY}`);
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const binary = BINARY.find(([name]) => name === suffix);
  if (binary !== undefined) return ok(round({ mantissa: digits * binary[1], exponent: -fraction.length, format: 'BinarySI' }));
  const decimal = DECIMAL.find(([name]) => name === suffix);
  if (decimal !== undefined) return ok(round({ mantissa: digits, exponent: decimal[1] - fraction.length, format: 'DecimalSI' }));
  return ok(round({ mantissa: digits, exponent: Number(suffix.slice(1)) - fraction.length, format: 'DecimalExponent' }));
}

/** The bytes of a size that somebody wrote, rounded up. @throws TypeError with what is right */
export function readSizeBytes(text: string): bigint {
  const parsed = parseQuantity(text);
  if (!parsed.ok) throw new TypeError(parsed.error);
  return quantityToBigInt(parsed.value);
}

/** The quantity with nothing finer than `exponent`, rounded away from zero (apimachinery `Quantity.RoundUp`). */
export function roundUpQuantity(quantity: Quantity, exponent: number): Quantity {
  if (quantity.exponent >= exponent) return quantity;
  return { ...quantity, mantissa: divideUp(quantity.mantissa, 10n ** BigInt(exponent - quantity.exponent)), exponent };
}

/** The canonical text: no fraction, the largest suffix that loses nothing. */
export function formatQuantity(quantity: Quantity): string {
  const { mantissa, exponent, format } = quantity;
  if (mantissa === 0n) return '0';
  return format === 'BinarySI' && exponent >= 0 ? formatBinary(mantissa * 10n ** BigInt(exponent)) : formatDecimal(quantity);
}

function formatBinary(value: bigint): string {
  const unit = BINARY.find(([, size]) => value % size === 0n);
  return unit === undefined ? String(value) : `${value / unit[1]}${unit[0]}`;
}

function formatDecimal({ mantissa, exponent, format }: Quantity): string {
  let digits = mantissa;
  let power = exponent;
  while (digits % 10n === 0n) {
    digits /= 10n;
    power += 1;
  }
  while (power % 3 !== 0 || (power > LARGEST_SUFFIX && format !== 'DecimalExponent')) {
    digits *= 10n;
    power -= 1;
  }
  if (format === 'DecimalExponent') return power === 0 ? String(digits) : `${digits}e${power}`;
  const unit = DECIMAL.find(([, unitPower]) => unitPower === power);
  return `${digits}${unit?.[0] ?? ''}`;
}

/** -1, 0 or 1, exactly. */
export function compareQuantity(a: Quantity, b: Quantity): -1 | 0 | 1 {
  const exponent = Math.min(a.exponent, b.exponent);
  const [left, right] = [mantissaAt(a, exponent), mantissaAt(b, exponent)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The exact sum, in the suffix family of `a` unless that is nothing (apimachinery `Quantity.Add`). */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  const exponent = Math.min(a.exponent, b.exponent);
  return round({ mantissa: mantissaAt(a, exponent) + mantissaAt(b, exponent), exponent, format: a.mantissa === 0n ? b.format : a.format });
}

/** At a finer exponent. */
function mantissaAt(quantity: Quantity, exponent: number): bigint {
  // why: most have the same exponent, and powers of large numbers are dear
  return quantity.exponent === exponent ? quantity.mantissa : quantity.mantissa * 10n ** BigInt(quantity.exponent - exponent);
}

/** The exact difference, in the suffix family of `a` unless that is nothing. */
export function subtractQuantity(a: Quantity, b: Quantity): Quantity {
  return addQuantity(a, { ...b, mantissa: -b.mantissa });
}

/** The value in whole units (for storage: bytes), rounded up. */
export function quantityToBigInt(quantity: Quantity): bigint {
  if (quantity.exponent >= 0) return quantity.mantissa * 10n ** BigInt(quantity.exponent);
  return divideUp(quantity.mantissa, 10n ** BigInt(-quantity.exponent));
}

/** The nearest number to `quantity`, for ratios. */
export function quantityToNumber({ mantissa, exponent }: Quantity): number {
  return Number(`${mantissa}e${exponent}`);
}

/** A binary quantity of `sizeBytes` bytes. */
export function quantityOfBytes(sizeBytes: bigint): Quantity {
  return { mantissa: sizeBytes, exponent: 0, format: 'BinarySI' };
}

/** The bytes that a stored, already validated quantity text means. @throws TypeError where it is no quantity */
export function bytesOf(text: string): bigint {
  const parsed = parseQuantity(text);
  if (!parsed.ok) throw new TypeError(parsed.error);
  return quantityToBigInt(parsed.value);
}

/** The canonical quantity text of `sizeBytes` bytes, for example `10Gi`. */
export function formatBytes(sizeBytes: bigint): string {
  return formatQuantity(quantityOfBytes(sizeBytes));
}

function round(quantity: Quantity): Quantity {
  const { mantissa, exponent, format } = quantity;
  let digits = mantissa;
  let power = exponent;
  while (power < 0 && digits % 10n === 0n && digits !== 0n) {
    digits /= 10n;
    power += 1;
  }
  if (power < SMALLEST_EXPONENT) {
    digits = divideUp(digits, 10n ** BigInt(SMALLEST_EXPONENT - power));
    power = SMALLEST_EXPONENT;
  }
  return { mantissa: digits, exponent: power, format };
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  // why: upstream rounds away from zero, so that a request is never made smaller
  if (quotient * divisor === dividend) return quotient;
  return dividend > 0n ? quotient + 1n : quotient - 1n;
}
