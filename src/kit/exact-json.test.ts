import { describe, expect, it } from 'vitest';
import { canonicalJson, parseExactJson, wholeNumber } from './exact-json.ts';

describe('parseExactJson', () => {
  it.each([
    '9007199254740993',
    '-9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
    '{"a":[1,9007199254740993,{"b":-9223372036854775808}],"c":9007199254740992}',
    '[1.5,1e+21,123,"9007199254740993",null,true]',
    '{"__proto__":9007199254740993,"constructor":{"a":1}}',
  ])('gives back every digit of %s', (text) => {
    expect(JSON.stringify(parseExactJson(text))).toBe(text);
  });

  it.each([
    { text: '9007199254740991', value: 9007199254740991 },
    { text: '9007199254740992', value: 9007199254740992n },
    { text: '0000', value: undefined },
    { text: '9223372036854775808', value: 9223372036854775808 },
    { text: `1${'0'.repeat(300)}`, value: 1e300 },
    { text: '9007199254740993.0', value: 9007199254740992 },
    { text: '1e100', value: 1e100 },
    { text: '{"sha":"1234567890123456789"}', value: { sha: '1234567890123456789' } },
  ])('$text is $value', ({ text, value }) => {
    if (value === undefined) expect(() => parseExactJson(text)).toThrow(SyntaxError);
    else expect(parseExactJson(text)).toEqual(value);
  });

  it.each(['1e400', '{"n": -1E+400}', '[1,1e999]', '9'.repeat(400), `1.5e${'9'.repeat(50)}`])('refuses %s', (text) => {
    expect(() => parseExactJson(text)).toThrow(/is too large/);
  });
});

it('a whole number is a bigint only where it has to be', () => {
  expect([wholeNumber('12'), wholeNumber('-9007199254740993'), wholeNumber('9223372036854775808')]).toEqual([
    12,
    -9007199254740993n,
    9223372036854775808,
  ]);
});

it.each([
  { value: { b: 1, a: [{ d: 9007199254740993n, c: undefined }] }, text: '{"a":[{"d":9007199254740993}],"b":1}' },
  { value: [undefined, null, 'x'], text: '[null,null,"x"]' },
  { value: undefined, text: '' },
])('canonical: $text', ({ value, text }) => {
  expect(canonicalJson(value)).toBe(text);
});
