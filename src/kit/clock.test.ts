import { expect, it } from 'vitest';
import { formatTime } from './clock.ts';

it.each([
  { name: 'cuts milliseconds', epochMs: Date.parse('2026-01-02T03:04:05.999Z'), want: '2026-01-02T03:04:05Z' },
  { name: 'says the last second that it can', epochMs: Date.parse('9999-12-31T23:59:59Z'), want: '9999-12-31T23:59:59Z' },
  { name: 'says no later one: a grace of nine quadrillion seconds', epochMs: 9e18, want: '9999-12-31T23:59:59Z' },
])('formatTime $name', ({ epochMs, want }) => {
  expect(formatTime(epochMs)).toBe(want);
});
