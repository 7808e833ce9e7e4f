import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StructuralSchema } from '#api/structural/schema.ts';
import { readStructural } from './read-structural.ts';

const schema: StructuralSchema = { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } };

describe('API-2: bodies of own kinds', () => {
  it.each<{ name: string; body: unknown; says: RegExp }>([
    { name: 'a text', body: 'x', says: /the body is a JSON string: send one object/ },
    { name: 'a list', body: [], says: /the body is a JSON array: send one object/ },
    { name: 'a list as metadata', body: { metadata: [] }, says: /^metadata: / },
    { name: 'a number as label', body: { metadata: { labels: { a: 1 } } }, says: /^metadata: .*labels/ },
    { name: 'a number as kind', body: { kind: 1 }, says: /kind is a JSON number/ },
    { name: 'endless nesting', body: nested(300), says: /nested deeper than 256 levels/ },
  ])('refuses $name', ({ body, says }) => {
    expect(readStructural(schema, body).errors.join()).toMatch(says);
  });

  it('takes the rest apart into what is known and what is not', () => {
    const body: unknown = JSON.parse(
      '{"metadata": {"name": "a", "odd": 1}, "spec": {"size": "wrong", "__proto__": {}, "constructor": 1}, "more": null}',
    );
    expect(readStructural(schema, body)).toEqual({
      errors: [],
      unknown: ['metadata.odd', 'spec.__proto__', 'spec.constructor', 'more'],
      object: { metadata: { name: 'a' }, spec: { size: 'wrong' } },
    });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (metadata, spec) => void readStructural(schema, { metadata, spec, kind: spec })));
  });
});

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let level = 0; level < depth; level += 1) value = { spec: value };
  return value;
}
