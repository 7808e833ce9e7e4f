import { expect, it } from 'vitest';
import { SystemIds } from './ids.ts';

it('draws names of the alphabet, none twice, also past what it fetches at a time', () => {
  const ids = new SystemIds();
  const drawn = Array.from({ length: 3_000 }, () => ids.suffix(10));
  expect(new Set(drawn).size).toBe(drawn.length);
  expect(drawn.filter((name) => !/^[bcdfghjklmnpqrstvwxz2456789]{10}$/.test(name))).toEqual([]);
});

it('draws a name that is longer than what it fetches at a time', () => {
  expect(new SystemIds().suffix(10_000)).toHaveLength(10_000);
});

it('draws fractions all over [0, 1)', () => {
  const ids = new SystemIds();
  const drawn = Array.from({ length: 2_000 }, () => ids.fraction());
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThan(1);
  expect(new Set(drawn.map((fraction) => Math.floor(fraction * 10))).size).toBe(10);
});
