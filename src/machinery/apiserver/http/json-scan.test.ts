import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanJson } from './json-scan.ts';

const MANY = 'more than 1000 fields and list items';
const WIDE = { maxDepth: 50, maxValues: 1_000_000 };

describe('scanJson', () => {
  it.each([
    { name: 'no duplicates', text: '{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}', duplicates: [] },
    { name: 'a duplicate at the top', text: '{"a":1,"a":2}', duplicates: ['a'] },
    { name: 'a duplicate further down', text: '{"spec":{"x":[{"y":1},{"y":1,"y":2}]}}', duplicates: ['spec.x[1].y'] },
    { name: 'an escaped duplicate', text: String.raw`{"a":1,"\u0061":2}`, duplicates: ['a'] },
    { name: 'values that look like keys', text: '{"a":"a","b":["a","a"],"c":"{\\"a\\":1"}', duplicates: [] },
  ])('finds $name', ({ text, duplicates }) => {
    expect(scanJson(text, { maxDepth: 10, maxValues: 1_000 })).toEqual({ ok: true, value: { duplicates } });
  });

  it.each([
    { name: 'deep arrays', text: '['.repeat(100_000), error: 'nested deeper than 10 levels' },
    { name: 'deep objects', text: '{"a":'.repeat(100_000), error: 'nested deeper than 10 levels' },
    { name: 'many members', text: JSON.stringify(Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [at, 1]))), error: MANY },
    { name: 'many items', text: `[${'1,'.repeat(1_000)}1]`, error: MANY },
    { name: 'many objects in each other', text: `[${'{"a":1},'.repeat(499)}{"a":1}]`.repeat(2), error: MANY },
  ])('refuses $name', ({ text, error }) => {
    const scan = scanJson(text, { maxDepth: 10, maxValues: 1_000 });
    expect(scan.ok ? '' : scan.error).toContain(error);
  });

  it('finds nothing in what JSON.stringify writes, and never throws on anything', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 5 }),
        (text) => JSON.stringify(scanJson(text, WIDE)).includes('__proto__') || scanJson(text, WIDE).ok,
      ),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', 'a', ' ') }),
        (text) => typeof scanJson(text, WIDE).ok === 'boolean',
      ),
    );
  });
});
