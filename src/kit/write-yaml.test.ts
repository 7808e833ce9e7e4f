import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeYaml } from './write-yaml.ts';

describe('writeYaml', () => {
  it('writes as people do', () => {
    const value = {
      apiVersion: 'v1',
      metadata: { name: 'a', labels: {}, annotations: { 'a.b/c': 'x y', long: 'line 1\nline 2\n' } },
      list: [{ name: 'a', image: 'busybox:1.36', args: ['--a=b', 'c: d', '#e'] }, [], [1, [true, null]], 'x'],
      none: undefined,
      big: 9007199254740993n,
    };
    expect(writeYaml(value)).toBe(`apiVersion: v1
metadata:
  name: a
  labels: {}
  annotations:
    a.b/c: x y
    long: |
      line 1
      line 2
list:
  - name: a
    image: busybox:1.36
    args:
      - "--a=b"
      - "c: d"
      - "#e"
  - []
  - - 1
    - - true
      - null
  - x
big: 9007199254740993
`);
  });

  it.each([
    'yes',
    'No',
    'on',
    'y',
    'null',
    '~',
    '1',
    '0x1f',
    '0o7',
    '1_000',
    '1:30',
    '2026-01-01',
    '.5',
    '',
    ' a',
    'a ',
    '- a',
    'a: b',
    'a:',
    '@a',
    '%a',
    '`a',
    '!a',
    '&a',
    '*a',
    '|',
    '>',
    "'",
    '"',
    '{',
    '[',
    '?',
    '=',
    '<<',
    'a #b',
    'a  b',
    'a\tb',
  ])('the text %j is a text for every reader', (text) => {
    const written = writeYaml({ a: text, [text]: 1 });
    for (const read of [parse(written), parse(written, { version: '1.1' }), load(written)]) expect(read).toEqual({ a: text, [text]: 1 });
  });

  it.each(['a', 42, null, [], {}, [1], 'a\nb', '\n', 'a\n\n', ' a\nb', 'a \nb', 'a\n b\n', '\na', 'k'.repeat(2000)])(
    'alone: %j',
    (value) => {
      const written = writeYaml(value);
      expect([load(written), parse(written)]).toEqual([value, value]);
      expect(load(writeYaml({ [JSON.stringify(value)]: value, list: [value, [value]] }))).toEqual({
        [JSON.stringify(value)]: value,
        list: [value, [value]],
      });
    },
  );

  it('any JSON is read as it was', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('\n', ' ', ':', '#', '-', 'a', '\t', '"', "'", '\u0085', '\u2028', '\ufeff'),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      ),
    });
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('json')),
        fc.dictionary(text, tie('json')),
      ),
    }));
    fc.assert(
      fc.property(json, (value) => {
        const same = JSON.stringify(value);
        expect(JSON.stringify(load(writeYaml(value)))).toBe(same);
      }),
    );
  });
});
