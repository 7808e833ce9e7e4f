import { expect, it } from 'vitest';
import { repeatedLines } from './repeated-lines.ts';

it.each([
  { name: 'at the top', text: 'a: 1\nb: 2\na: 3', found: ['3 a'] },
  { name: 'further in', text: 'a:\n  b: 1\n  c:\n    b: 2\n  b: 3\nb: 4', found: ['5 b'] },
  { name: 'in an item of a list', text: 'l:\n- a: 1\n  b: 2\n  a: 3\n- a: 4\n  c: 5', found: ['4 a'] },
  { name: 'in an item of a list that stands in', text: 'l:\n  - a: 1\n    a: 2\n  -   a: 3\n      a: 4\nm: 1', found: ['3 a', '5 a'] },
  { name: 'in nested lists', text: 'l:\n- - a: 1\n  - a: 2\n    a: 3', found: ['4 a'] },
  { name: 'in quotes', text: `"a": 1\n'a': 2`, found: ['2 a'] },
  { name: 'not in texts', text: 'a: |\n  b: 1\n  b: 2\nc: >-\n  d: 1\n  d: 2\ne: 1', found: [] },
  { name: 'not in comments, nor between documents of other maps', text: '# a: 1\n# a: 2\na:\n  x: 1\nb:\n  x: 2', found: [] },
  { name: 'not where values look like keys', text: 'a: "x: y"\nb: http://x\nc:\n- x:1\n- x:1', found: [] },
  { name: 'no more than asked for', text: 'a: 1\na: 2\na: 3\na: 4', found: ['2 a', '3 a'] },
])('finds keys that stand again: $name', ({ text, found }) => {
  expect(repeatedLines(text, 2).map(({ line, key }) => `${line} ${key}`)).toEqual(found);
});

it('takes linear time, whatever a line is made of', () => {
  const many = 200_000;
  const lines = ['- '.repeat(many), `a${' '.repeat(many)}`, 'a:'.repeat(many), `a${' :'.repeat(many)}`, `"${'\\\\'.repeat(many)}`];
  const started = performance.now();
  expect(repeatedLines(lines.join('\n'), 20)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(1_000);
});
