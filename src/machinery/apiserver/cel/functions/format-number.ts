/** Bits of the fraction of a double, and what its exponent is stored with (IEEE 754). */
const FRACTION_BITS = 52n;
const EXPONENT_BIAS = 1_075;

/** A finite double as a whole number times a power of two. */
function exactOf(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const stored = Number(bits >> FRACTION_BITS);
  const fraction = bits & ((1n << FRACTION_BITS) - 1n);
  return stored === 0
    ? { mantissa: fraction, exponent: 1 - EXPONENT_BIAS }
    : { mantissa: fraction | (1n << FRACTION_BITS), exponent: stored - EXPONENT_BIAS };
}

/** With so many digits behind the point, halves to the even one, and commas between thousands (`%.2f`). */
export function fixedText(value: number, digits: number): string {
  const { mantissa, exponent } = exactOf(value);
  const scaled = mantissa * 10n ** BigInt(digits);
  const units = exponent >= 0 ? scaled << BigInt(exponent) : roundHalfEven(scaled, BigInt(-exponent));
  const text = String(units).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${text.slice(text.length - digits)}`;
}

/** `value` divided by two to the power of `bits`. */
function roundHalfEven(value: bigint, bits: bigint): bigint {
  const quotient = value >> bits;
  const rest = value - (quotient << bits);
  const half = 1n << (bits - 1n);
  return rest > half || (rest === half && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A number below ten and the power of ten in small digits (`%e`). */
export function scientificText(value: number, digits: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(Math.min(digits, 100)).split('e');
  const power = exponent.replace(/^[+-]/, '').padStart(2, '0');
  const small = Array.from(power, (digit) => SUPERSCRIPTS[Number(digit)]).join('');
  return `${mantissa}×10${exponent.startsWith('-') ? '⁻' : ''}${small}`;
}
