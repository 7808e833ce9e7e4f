import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseYaml } from './parse-yaml.ts';

const LIMITS = { maxDepth: 20, maxChars: 1000 };
const read = (text: string): unknown => {
  const parsed = parseYaml(text, LIMITS);
  return parsed.ok ? parsed.value.value : `fault: ${parsed.error}`;
};

describe('parseYaml', () => {
  it.each([
    { text: 'a: yes\nb: Off\nc: "yes"\nd: maybe', value: { a: true, b: false, c: 'yes', d: 'maybe' } },
    { text: 'a: 0x1F\nb: 0777\nc: 0o17\nd: -0b11\ne: 1_000\nf: +5\ng: 08', value: { a: 31, b: 511, c: 15, d: -3, e: 1000, f: 5, g: 8 } },
    { text: 'a: 1.5\nb: .5\nc: 1e3\nd: 5.\ne: 1e400', value: { a: 1.5, b: 0.5, c: 1000, d: 5, e: '1e400' } },
    { text: 'a: 9007199254740993\nb: -9223372036854775808', value: { a: 9007199254740993n, b: -9223372036854775808n } },
    { text: 'a: 9223372036854775808', value: { a: 9223372036854775808 } },
    { text: 'a: ~\nb: null\nc:', value: { a: null, b: null, c: null } },
    { text: 'a: 2026-01-31\nb: 2026-01-31T08:30:00Z\nc: 1:30', value: { a: '2026-01-31', b: '2026-01-31T08:30:00Z', c: '1:30' } },
    { text: 'a: _0\nb: ._5\nc: -_1\nd: 1__0', value: { a: '_0', b: '._5', c: -1, d: 10 } },
    { text: '1: a\ntrue: b', value: { 1: 'a', true: 'b' } },
    {
      text: 'x: &x {a: 1, b: 2}\nafter: {<<: *x, b: 3}\nbefore: {b: 4, <<: *x}',
      value: { x: { a: 1, b: 2 }, after: { a: 1, b: 3 }, before: { a: 1, b: 4 } },
    },
    { text: 'a: &a [1]\nb: [*a, *a]', value: { a: [1], b: [[1], [1]] } },
    { text: '{"a": [1, {"b": null}]}', value: { a: [1, { b: null }] } },
    { text: '', value: null },
  ])('reads $text', ({ text, value }) => {
    expect(read(text)).toEqual(value);
  });

  it('keeps keys that objects of the language have of their own', () => {
    const value = read('__proto__: {admin: true}\nconstructor: 1\ntoString: x');
    expect(JSON.stringify(value)).toBe('{"__proto__":{"admin":true},"constructor":1,"toString":"x"}');
    expect(Object(value).admin).toBeUndefined();
  });

  it('tells keys that stand more than once, of which the last counts', () => {
    const parsed = parseYaml('a: 1\nb: {c: 1, c: 2}\nl: [{d: 1, d: 1}]\na: 3', LIMITS);
    expect(parsed).toEqual({ ok: true, value: { value: { a: 3, b: { c: 2 }, l: [{ d: 1 }] }, duplicates: ['a', 'b.c', 'l[0].d'] } });
  });

  const eightOf = (name: string): string => `[${Array.from({ length: 8 }, () => `*${name}`).join(', ')}]`;
  const laughs = ['a: &a [1, 2]', `b: &b ${eightOf('a')}`, `c: &c ${eightOf('b')}`, `d: &d ${eightOf('c')}`, `e: &e ${eightOf('d')}`];
  it.each([
    { name: 'flow lists in each other', text: '['.repeat(1000), fault: /maxDepth/ },
    { name: 'lists in each other', text: '- '.repeat(1000), fault: /maxDepth/ },
    { name: 'keys in each other', text: '? '.repeat(1000), fault: /maxDepth/ },
    {
      name: 'objects in each other',
      text: Array.from({ length: 40 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      fault: /maxDepth/,
    },
    {
      name: 'aliases in each other',
      text: ['a0: &a0 []', ...Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}]`)].join('\n'),
      fault: /nested deeper than 20/,
    },
    { name: 'aliases that multiply', text: laughs.join('\n'), fault: /aliases stand for more than 1000 characters/ },
    { name: 'an alias of what it is in', text: 'a: &a {b: *a}', fault: /recursive alias/ },
    { name: 'an alias of nothing', text: 'a: *b', fault: /unidentified alias/ },
    { name: 'several documents', text: 'a: 1\n---\nb: 1', fault: /single document/ },
    { name: 'an object as a key', text: '? {a: 1}\n: b', fault: /a key has to be a text/ },
    { name: 'what is no number', text: 'a: .inf', fault: /no number that JSON can hold/ },
    { name: 'a broken text', text: 'a: 1\nb: [1', fault: /line \d: / },
    { name: 'an unknown tag', text: 'a: !secret x', fault: /unknown scalar tag/ },
  ])('refuses $name', ({ text, fault }) => {
    expect(read(text)).toMatch(fault);
  });

  it('reads what another writer of YAML made of any JSON', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(json, (value) => {
        const text = stringify(value, { defaultStringType: 'QUOTE_DOUBLE' });
        const parsed = parseYaml(text, { maxDepth: 50, maxChars: 1_000_000 });
        expect(parsed.ok ? JSON.stringify(parsed.value.value) : parsed.error).toBe(JSON.stringify(value));
      }),
    );
  });
});
