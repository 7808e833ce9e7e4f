import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanJson } from './json-scan.ts';

describe('scanJson', () => {
  it.each([
    { name: 'no duplicates', text: '{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}', duplicates: [] },
    { name: 'a duplicate at the top', text: '{"a":1,"a":2}', duplicates: ['a'] },
    { name: 'a duplicate further down', text: '{"spec":{"x":[{"y":1},{"y":1,"y":2}]}}', duplicates: ['spec.x[1].y'] },
    { name: 'an escaped duplicate', text: String.raw`{"a":1,"\u0061":2}`, duplicates: ['a'] },
    { name: 'values that look like keys', text: '{"a":"a","b":["a","a"],"c":"{\\"a\\":1"}', duplicates: [] },
  ])('finds $name', ({ text, duplicates }) => {
    expect(scanJson(text, 10)).toEqual({ ok: true, value: { duplicates } });
  });

  it.each([
    { name: 'deep arrays', text: '['.repeat(100_000), error: 'nested deeper than 10 levels' },
    { name: 'deep objects', text: '{"a":'.repeat(100_000), error: 'nested deeper than 10 levels' },
  ])('refuses $name', ({ text, error }) => {
    const scan = scanJson(text, 10);
    expect(scan.ok ? '' : scan.error).toContain(error);
  });

  it('finds nothing in what JSON.stringify writes, and never throws on anything', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => JSON.stringify(scanJson(text, 50)).includes('__proto__') || scanJson(text, 50).ok),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', 'a', ' ') }),
        (text) => typeof scanJson(text, 50).ok === 'boolean',
      ),
    );
  });
});
