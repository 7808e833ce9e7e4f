import { expect, it } from 'vitest';
import { formatAmount, parseThresholds, type Readings, shortagesOf } from './thresholds.ts';

const MIB = 1n << 20n;
const readings = (over: Partial<Readings> = {}): Readings => ({
  'memory.available': { available: 500n * MIB, capacity: 1000n * MIB },
  'nodefs.available': { available: 50n * MIB, capacity: 1000n * MIB },
  'nodefs.inodesFree': { available: 0n, capacity: 0n },
  'pid.available': { available: 900n, capacity: 1000n },
  ...over,
});

it.each([
  { text: 'memory.available<100Mi,nodefs.available<5%', signals: [] },
  { text: 'memory.available<501Mi', signals: ['memory.available'] },
  { text: 'nodefs.available<5.1%, memory.available<60%', signals: ['nodefs.available', 'memory.available'] },
  { text: 'nodefs.inodesFree<5%', signals: [] },
  { text: 'pid.available<901', signals: ['pid.available'] },
  { text: '', signals: [] },
])('$text: $signals', ({ text, signals }) => {
  const parsed = parseThresholds(text);
  expect(parsed.ok && shortagesOf(parsed.value, readings()).map(({ signal }) => signal)).toEqual(signals);
});

it.each([
  { text: 'disk<5%', says: '"disk" is not one of memory.available' },
  { text: 'memory.available', says: 'write an amount (100Mi) or a share (2%)' },
  { text: 'memory.available<lots', says: '"memory.available<lots"' },
  { text: 'memory.available<101%', says: 'a share' },
])('$text is refused: $says', ({ text, says }) => {
  const parsed = parseThresholds(text);
  expect(parsed.ok ? '' : parsed.error).toContain(says);
});

it('amounts are told as what they are', () => {
  expect(formatAmount('nodefs.available', 3n * MIB)).toBe('3Mi');
  expect(formatAmount('nodefs.inodesFree', 3n)).toBe('3');
});
