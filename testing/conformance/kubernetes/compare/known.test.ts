import { describe, expect, it } from 'vitest';
import { knownAs, readKnown } from './known.ts';

describe('a difference that stays', () => {
  it.each([
    { pattern: 'Pod POST: fault less: FieldValueInvalid spec', signature: 'Pod POST: fault less: FieldValueInvalid spec', isKnown: true },
    {
      pattern: 'Pod POST: fault less: FieldValueInvalid spec',
      signature: 'Pod POST: fault less: FieldValueInvalid spec.nodeName',
      isKnown: false,
    },
    { pattern: 'fault less: FieldValueInvalid spec', signature: 'Pod POST: fault less: FieldValueInvalid spec', isKnown: false },
    {
      pattern: '* POST: stored differently at .a (*, not absent)',
      signature: 'Pod POST: stored differently at .a ({}, not absent)',
      isKnown: true,
    },
    {
      pattern: '* POST: stored differently at .a ({}, not absent)',
      signature: 'Pod POST: stored differently at .a (a map, not absent)',
      isKnown: false,
    },
    { pattern: 'a*b*c', signature: 'a b b c', isKnown: true },
    { pattern: 'ab*b', signature: 'ab', isKnown: false },
    { pattern: 'a*b*b', signature: 'a b', isKnown: false },
  ])('is known by its whole signature: $pattern, $signature: $isKnown', ({ pattern, signature, isKnown }) => {
    const known = [{ signature: pattern, reason: 'r' }];
    expect(knownAs(known, signature)).toBe(isKnown ? known[0] : undefined);
  });

  it('has a reason, and is listed once', () => {
    const known = readKnown();
    expect(known.filter(({ signature, reason }) => signature === '' || reason.length < 20)).toEqual([]);
    expect(new Set(known.map(({ signature }) => signature)).size).toBe(known.length);
  });

  it('hides neither all kinds of a verb nor all of a field', () => {
    const wide = readKnown().filter(({ signature }) => !/(at \.\S+|fault (more|less): \S+ \S+|refused|accepted)/.test(signature));
    expect(wide).toEqual([]);
  });
});
