import { expect, it } from 'vitest';
import { parseGoDuration } from './go-duration.ts';

it.each([
  { text: '72h', nanos: 72n * 3_600_000_000_000n },
  { text: '1h30m', nanos: 5_400_000_000_000n },
  { text: '1.5s', nanos: 1_500_000_000n },
  { text: '-2ms', nanos: -2_000_000n },
  { text: '0', nanos: 0n },
  { text: '3d', nanos: undefined },
  { text: '72', nanos: undefined },
  { text: '', nanos: undefined },
  { text: '9999999999h', nanos: undefined },
])('$text is read as Go reads it', ({ text, nanos }) => {
  expect(parseGoDuration(text)).toBe(nanos);
});
