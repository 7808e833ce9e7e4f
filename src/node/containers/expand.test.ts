import { expect, it } from 'vitest';
import { expand, missingIn } from './expand.ts';

const values = new Map([['A', '1']]);

it.each([
  { text: '$(A)/x', expanded: '1/x', missing: undefined },
  { text: '$$(B)$(A)', expanded: '$(B)1', missing: undefined },
  { text: 'a$(B)/$(C)', expanded: 'a$(B)/$(C)', missing: 'B' },
  { text: '$A', expanded: '$A', missing: undefined },
])('$text', ({ text, expanded, missing }) => {
  expect(expand(text, values)).toBe(expanded);
  expect(missingIn(text, values)).toBe(missing);
});
