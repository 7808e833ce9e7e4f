import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { cutText } from './cut-text.ts';

it.each([
  { name: 'what fits stays', text: 'whole', maxBytes: 5, want: 'whole' },
  { name: 'what is longer ends in …', text: 'longer', maxBytes: 5, want: 'lo…' },
  { name: 'no letter is cut in two', text: '卷坏了卷坏了', maxBytes: 8, want: '卷…' },
])('$name', ({ text, maxBytes, want }) => {
  expect(cutText(text, maxBytes)).toBe(want);
  expect(Buffer.byteLength(cutText(text, maxBytes))).toBeLessThanOrEqual(maxBytes);
});
