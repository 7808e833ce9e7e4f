import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, compareQuantity, formatBytes, formatQuantity, parseQuantity, roundUpQuantity } from './quantity.ts';

function parsed(text: string) {
  const result = parseQuantity(text);
  if (!result.ok) throw new TypeError(result.error);
  return result.value;
}

describe('quantities', () => {
  it.each([
    { name: 'binary', text: '1024Mi', canonical: '1Gi', bytes: 1n << 30n },
    { name: 'binary that is no whole larger unit', text: '1500Mi', canonical: '1500Mi', bytes: 1500n << 20n },
    { name: 'binary with a fraction', text: '1.5Gi', canonical: '1536Mi', bytes: 3n << 29n },
    { name: 'decimal', text: '1000M', canonical: '1G', bytes: 10n ** 9n },
    { name: 'plain bytes', text: '123', canonical: '123', bytes: 123n },
    { name: 'milli rounds up in whole units', text: '1500m', canonical: '1500m', bytes: 2n },
    { name: 'exponent', text: '12e6', canonical: '12e6', bytes: 12_000_000n },
    { name: 'exponent that is no multiple of three', text: '1e4', canonical: '10e3', bytes: 10_000n },
    { name: 'zero', text: '0Gi', canonical: '0', bytes: 0n },
    { name: 'larger than 64 bits', text: '100Ei', canonical: '100Ei', bytes: 100n << 60n },
    { name: 'finer than nano rounds up', text: '0.0000000001', canonical: '1n', bytes: 1n },
    { name: 'many zeros of the largest decimal unit', text: '5000E', canonical: '5000E', bytes: 5n * 10n ** 21n },
  ])('reads $name', ({ text, canonical, bytes }) => {
    expect(formatQuantity(parsed(text))).toBe(canonical);
    expect(bytesOf(text)).toBe(bytes);
  });

  it.each(['', 'Gi', '10GiB', '1..5', '10 Gi', 'ten', '0x10', '1e', '--1', '1K'])('refuses %j and says what would be right', (text) => {
    const result = parseQuantity(text);
    expect(result).toMatchObject({ ok: false, error: expect.stringContaining('for example') });
  });

  it('compares exactly, whatever the suffixes', () => {
    expect(compareQuantity(parsed('1Gi'), parsed('1073741824'))).toBe(0);
    expect(compareQuantity(parsed('1G'), parsed('1Gi'))).toBe(-1);
    expect(compareQuantity(parsed('1000m'), parsed('999m'))).toBe(1);
  });

  it('loses nothing between text and bytes', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 1n << 80n }), (sizeBytes) => bytesOf(formatBytes(sizeBytes)) === sizeBytes));
  });

  it('gives the canonical form of a canonical form unchanged', () => {
    const suffixes = ['', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'm', 'u', 'n', 'e3', 'e-3'];
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...suffixes), (digits, suffix) => {
        const canonical = formatQuantity(parsed(`${digits}${suffix}`));
        return formatQuantity(parsed(canonical)) === canonical;
      }),
    );
  });
});

it.each([
  { text: '1n', rounded: '1m' },
  { text: '0.5m', rounded: '1m' },
  { text: '1500u', rounded: '2m' },
  { text: '-1n', rounded: '-1m' },
  { text: '100.0001', rounded: '100001m' },
  { text: '0.0001Ki', rounded: '103m' },
  { text: '1e-12', rounded: '1e-3' },
  { text: '1.5', rounded: '1500m' },
  { text: '10Gi', rounded: '10Gi' },
])('rounds $text to thousandths: $rounded', ({ text, rounded }) => {
  expect(formatQuantity(roundUpQuantity(parsed(text), -3))).toBe(rounded);
});

it.each([`1.${'0'.repeat(1_000)}`, '9'.repeat(1_001), `0.${'0'.repeat(3_000_000)}1`])(
  'refuses a text that is longer than any quantity',
  (text) => {
    const read = parseQuantity(text);
    expect(read.ok ? '' : read.error).toContain('at most 1000 characters');
  },
);
