import { describe, expect, it } from 'vitest';
import { differencesOf } from './difference.ts';

const made = (body: unknown) => ({ status: 201, body, warnings: [] });
const refused = (status: number, causes: readonly (readonly [string, string])[], message = 'no') => ({
  status,
  body: { message, details: { causes: causes.map(([reason, field]) => ({ reason, field })) } },
  warnings: [],
});
const signatures = (...answers: Parameters<typeof differencesOf> extends [string, ...infer Rest] ? Rest : never): readonly string[] =>
  differencesOf('Pod POST', ...answers).map(({ signature }) => signature);

describe('two answers', () => {
  it.each([
    { name: 'the same', ours: made({ a: 1 }), theirs: made({ a: 1 }), expected: [] },
    {
      name: 'an empty map that only one keeps',
      ours: made({ metadata: { labels: {} } }),
      theirs: made({ metadata: {} }),
      expected: ['Pod POST: stored differently at .metadata.labels ({}, not absent)'],
    },
    {
      name: 'a map that only one has, member by member',
      ours: made({ metadata: { annotations: { a: 'x' } } }),
      theirs: made({ metadata: {} }),
      expected: ['Pod POST: stored differently at .metadata.annotations.a (a string, not absent)'],
    },
    {
      name: 'a finalizer that only one sets',
      ours: made({ metadata: { finalizers: ['a', 'b'] } }),
      theirs: made({ metadata: { finalizers: ['b'] } }),
      expected: ['Pod POST: stored differently at .metadata.finalizers.a (a string, not absent)'],
    },
    {
      name: 'another value in a list',
      ours: made({ spec: { list: [{ a: 1 }] } }),
      theirs: made({ spec: { list: [{ a: null }] } }),
      expected: ['Pod POST: stored differently at .spec.list[].a (a number, not null)'],
    },
    {
      name: 'who refuses',
      ours: made({}),
      theirs: refused(422, [['FieldValueInvalid', 'spec.a[0]']]),
      expected: ['Pod POST: accepted, wrongly FieldValueInvalid spec.a[]'],
    },
    {
      name: 'a refusal with another status, by what each says',
      ours: refused(400, [], 'the "x" of judge-7 is 12'),
      theirs: refused(422, [['FieldValueInvalid', 'patch']]),
      expected: ['Pod POST: refused with 400 (the _ of _ is #), not 422 FieldValueInvalid patch'],
    },
    {
      name: 'faults that only one tells',
      ours: refused(422, [['FieldValueRequired', 'spec.a']]),
      theirs: refused(422, [['FieldValueInvalid', 'spec.b']]),
      expected: ['Pod POST: fault more: FieldValueRequired spec.a', 'Pod POST: fault less: FieldValueInvalid spec.b'],
    },
  ])('differ by $name', ({ ours, theirs, expected }) => {
    expect(signatures(ours, theirs)).toEqual(expected);
  });
});
