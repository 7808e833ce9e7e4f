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
    { name: 'a number that no double holds', text: `a: ${'9'.repeat(400)}`, fault: /no number that JSON can hold/ },
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

const lines = (count: number, line: (at: number) => string): string => Array.from({ length: count }, (_, at) => line(at)).join('\n');

describe('API-3: a text costs no more than its length explains', () => {
  const wide = { maxDepth: 256, maxChars: 100_000_000 };
  const costMs = (text: string): number => {
    let shortest = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5; run += 1) {
      const before = process.threadCpuUsage();
      parseYaml(text, wide);
      const { user, system } = process.threadCpuUsage(before);
      shortest = Math.min(shortest, (user + system) / 1000);
    }
    return shortest;
  };

  it.each<{ name: string; count: number; text: (count: number) => string }>([
    { name: 'keys', count: 2000, text: (n) => lines(n, (at) => `k${at}: v`) },
    { name: 'the same key', count: 2000, text: (n) => lines(n, () => 'k: v') },
    { name: 'flow keys', count: 2000, text: (n) => `{${lines(n, (at) => `k${at}: v,`)}}` },
    { name: 'flow items', count: 2000, text: (n) => `[${'a,'.repeat(n)}]` },
    { name: 'open lists', count: 50_000, text: (n) => '['.repeat(n) },
    { name: 'lists in lists', count: 50_000, text: (n) => '- '.repeat(n) },
    { name: 'keys of keys', count: 50_000, text: (n) => '? '.repeat(n) },
    { name: 'empty keys', count: 2000, text: (n) => '?\n'.repeat(n) },
    { name: 'anchors and aliases', count: 1000, text: (n) => lines(n, (at) => `- &a${at} x\n- *a${at}`) },
    { name: 'one anchor, many aliases', count: 2000, text: (n) => `a: &a x\nb:\n${lines(n, () => '- *a')}` },
    { name: 'documents', count: 2000, text: (n) => lines(n, () => 'a\n---') },
    { name: 'comments', count: 20_000, text: (n) => lines(n, () => '#') },
    { name: 'blank lines', count: 20_000, text: (n) => `a:${'\n'.repeat(n)}  b` },
    { name: 'tags', count: 500, text: (n) => `${lines(n, (at) => `%TAG !${at}! tag:x,2000:`)}\n---\na: b` },
    { name: 'a long tag', count: 20_000, text: (n) => `a: !${'x'.repeat(n)} b` },
    { name: 'escapes', count: 20_000, text: (n) => `a: "${'\\u0041'.repeat(n)}"` },
    { name: 'quotes', count: 20_000, text: (n) => `a: '${"''".repeat(n)}'` },
    { name: 'folded lines', count: 5000, text: (n) => `a: >\n${'  x\n\n'.repeat(n)}` },
    { name: 'digits', count: 50_000, text: (n) => `a: ${'9'.repeat(n)}` },
    { name: 'digits of another base', count: 50_000, text: (n) => `a: 0x${'f'.repeat(n)}` },
    { name: 'underscores', count: 50_000, text: (n) => `a: 1${'_'.repeat(n)}` },
    { name: 'spaces', count: 50_000, text: (n) => `a:${' '.repeat(n)}b` },
    { name: 'merged keys', count: 500, text: (n) => `a: &a {x: 1}\nb:\n${lines(n, () => '  <<: *a')}` },
  ])('$name', ({ count, text }) => {
    const small = costMs(text(count));
    // why a floor: the clock of a thread ticks in milliseconds
    expect(costMs(text(count * 8))).toBeLessThan(60 + small * 8 * 3.5);
  });
});
