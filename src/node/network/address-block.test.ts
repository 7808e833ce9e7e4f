import { describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import {
  addressIn,
  type AddressRange,
  chooseBlock,
  freeIndex,
  gatewayOf,
  indexIn,
  overlaps,
  parsePodRange,
  parseRange,
} from './address-block.ts';

const range = (text: string): AddressRange => trusted<AddressRange>(parseRange(text));

describe('parseRange', () => {
  it.each([
    { text: '10.212.0.0/14', want: { base: 10 * 2 ** 24 + 212 * 2 ** 16, bits: 14 } },
    { text: '10.212.7.9/24', want: { base: 10 * 2 ** 24 + 212 * 2 ** 16 + 7 * 256, bits: 24 } },
    { text: '255.255.255.255', want: { base: 2 ** 32 - 1, bits: 32 } },
    { text: '10.0.0.256/8', want: undefined },
    { text: '10.0.0.0/33', want: undefined },
    { text: 'default', want: undefined },
    { text: 'fd00::/8', want: undefined },
  ])('$text', ({ text, want }) => expect(parseRange(text)).toEqual(want));
});

describe('the setting', () => {
  it.each(['none', '10.0.0.0/8', '192.168.4.0/24'])('takes %s', (text) => expect(parsePodRange(text)).toBe(text));
  it.each(['', '10.0.0.0', '10.0.0.0/25', '10.0.0.0/7', 'fd00::/64'])('refuses %j', (text) =>
    expect(() => parsePodRange(text)).toThrow(/range/),
  );
});

describe('chooseBlock', () => {
  it.each([
    { name: 'the one that the seed names', taken: [], seed: 5, want: '10.0.5.0' },
    { name: 'the next, where that is taken', taken: ['10.0.5.0/24'], seed: 5, want: '10.0.6.0' },
    { name: 'beyond a larger network', taken: ['10.0.4.0/22'], seed: 5, want: '10.0.8.0' },
    { name: 'around the end', taken: ['10.0.255.128/25'], seed: 255, want: '10.0.0.0' },
    { name: 'a seed of any size', taken: [], seed: 256 * 7 + 3, want: '10.0.3.0' },
  ])('$name', ({ taken, seed, want }) => {
    const block = chooseBlock(range('10.0.0.0/16'), taken.map(range), seed);
    expect(block && addressIn(block, 0)).toBe(want);
  });

  it('finds none where a wider network has them all', () => {
    expect(chooseBlock(range('10.0.0.0/16'), [range('10.0.0.0/8')], 0)).toBeUndefined();
  });
});

it('addresses of a block', () => {
  const block = range('10.212.7.0/24');
  expect(gatewayOf(block)).toBe('10.212.7.1');
  expect(addressIn(block, 254)).toBe('10.212.7.254');
  expect(indexIn(block, '10.212.7.9')).toBe(9);
  for (const other of ['10.212.7.1', '10.212.7.255', '10.212.8.9', 'nonsense']) expect(indexIn(block, other), other).toBeUndefined();
  expect(overlaps(range('10.212.7.9'), block)).toBe(true);
  expect(overlaps(range('10.212.8.9'), block)).toBe(false);
});

describe('freeIndex', () => {
  it.each([
    { name: 'goes on from the last', used: [], from: 9, want: 9 },
    { name: 'skips what is used', used: [9, 10], from: 9, want: 11 },
    { name: 'begins again at 2', used: [254], from: 254, want: 2 },
    { name: 'and after the end', used: [], from: 255, want: 2 },
  ])('$name', ({ used, from, want }) => expect(freeIndex((index) => used.includes(index), from)).toBe(want));
  it('finds none where all are used', () => expect(freeIndex(() => true, 2)).toBeUndefined());
});
