import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze } from '#kit/json.ts';
import { formatFieldError } from '../meta/field-error.ts';
import { checkStructural } from './check-schema.ts';
import { applyStructuralDefaults, hasDefaults } from './defaults.ts';
import { findByPath, parseJsonPath } from './json-path.ts';
import { pruneStructural } from './prune.ts';
import type { StructuralSchema } from './schema.ts';
import { validateStructural } from './validate.ts';

const text: StructuralSchema = { type: 'string' };

describe('API-2: pruning', () => {
  const schema: StructuralSchema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          a: text,
          list: { type: 'array', items: { type: 'object', properties: { n: text } } },
          map: { type: 'object', additionalProperties: { type: 'object', properties: { n: text } } },
          open: {
            type: 'object',
            'x-kubernetes-preserve-unknown-fields': true,
            properties: { n: { type: 'object', properties: { m: text } } },
          },
          inner: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } },
        },
      },
    },
  };

  it('drops what the schema does not know, and says so', () => {
    const object = JSON.parse(`{
      "apiVersion": "v", "kind": "k", "metadata": {"labels": {}}, "__proto__": {"x": 1}, "other": 1,
      "spec": {"a": "1", "b": 2, "list": [{"n": "1", "o": 2}], "map": {"k": {"n": "1", "o": 2}},
               "open": {"any": {"thing": 1}, "n": {"m": "1", "o": 2}}, "inner": {"apiVersion": "v1", "kind": "K", "metadata": {"name": "x"}, "spec": {"z": 1}, "y": 1}}
    }`);
    const { value, unknown } = pruneStructural(schema, deepFreeze(object));
    expect(value).toEqual({
      apiVersion: 'v',
      kind: 'k',
      metadata: { labels: {} },
      spec: {
        a: '1',
        list: [{ n: '1' }],
        map: { k: { n: '1' } },
        open: { any: { thing: 1 }, n: { m: '1' } },
        inner: { apiVersion: 'v1', kind: 'K', metadata: { name: 'x' }, spec: {} },
      },
    });
    expect(unknown).toEqual([
      '__proto__',
      'other',
      'spec.b',
      'spec.list[0].o',
      'spec.map.k.o',
      'spec.open.n.o',
      'spec.inner.spec.z',
      'spec.inner.y',
    ]);
  });
});

describe('API-2: defaults', () => {
  it.each<{ name: string; schema: StructuralSchema; value: unknown; result: unknown }>([
    { name: 'a missing field', schema: { properties: { a: { ...text, default: 'x' } } }, value: {}, result: { a: 'x' } },
    { name: 'a field that is there', schema: { properties: { a: { ...text, default: 'x' } } }, value: { a: '' }, result: { a: '' } },
    { name: 'a null that can not be', schema: { properties: { a: { ...text, default: 'x' } } }, value: { a: null }, result: { a: 'x' } },
    {
      name: 'a null that may be',
      schema: { properties: { a: { ...text, default: 'x', nullable: true } } },
      value: { a: null },
      result: { a: null },
    },
    {
      name: 'inside a default',
      schema: { properties: { a: { type: 'object', default: {}, properties: { b: { ...text, default: 'y' } } } } },
      value: {},
      result: { a: { b: 'y' } },
    },
    {
      name: 'not inside what is missing',
      schema: { properties: { a: { type: 'object', properties: { b: { ...text, default: 'y' } } } } },
      value: {},
      result: {},
    },
    {
      name: 'items and values of maps',
      schema: {
        properties: {
          list: { type: 'array', items: { type: 'object', properties: { b: { ...text, default: 'y' } } } },
          map: { type: 'object', additionalProperties: { type: 'object', properties: { b: { ...text, default: 'z' } } } },
        },
      },
      value: { list: [{}], map: { k: {} } },
      result: { list: [{ b: 'y' }], map: { k: { b: 'z' } } },
    },
    {
      name: 'a member of a bad name',
      schema: { properties: { a: { ...text, default: 'x' } } },
      value: JSON.parse('{"__proto__": 1}'),
      result: JSON.parse('{"__proto__": 1, "a": "x"}'),
    },
  ])('fill $name', ({ schema, value, result }) => {
    expect(JSON.stringify(applyStructuralDefaults(schema, deepFreeze(value)))).toBe(JSON.stringify(result));
    expect(hasDefaults(schema)).toBe(true);
  });

  it('leave an object that lacks nothing as it is', () => {
    const value = { a: 'y', b: { c: [1] } };
    expect(applyStructuralDefaults({ properties: { a: { ...text, default: 'x' }, b: { type: 'object' } } }, value)).toBe(value);
  });
});

describe('API-2: structural schemas', () => {
  const root = (properties: Record<string, StructuralSchema>, more: StructuralSchema = {}): StructuralSchema => ({
    type: 'object',
    properties,
    ...more,
  });

  it.each<{ name: string; schema: StructuralSchema; faults: string[] }>([
    { name: 'a plain one', schema: root({ spec: { type: 'object', properties: { a: text } } }), faults: [] },
    { name: 'no type', schema: {}, faults: ['s.type: Required value: must not be empty at the root'] },
    {
      name: 'a list as object',
      schema: { type: 'array', items: text },
      faults: ['s.type: Invalid value: "array": must be object at the root'],
    },
    {
      name: 'an untyped field',
      schema: root({ a: {} }),
      faults: ['s.properties[a].type: Required value: must not be empty for specified object fields'],
    },
    { name: 'an untyped field that keeps everything', schema: root({ a: { 'x-kubernetes-preserve-unknown-fields': true } }), faults: [] },
    {
      name: 'a list without items',
      schema: root({ a: { type: 'array' } }),
      faults: ['s.properties[a].items: Required value: must be specified'],
    },
    {
      name: 'an unknown type',
      schema: root({ a: { type: 'text' } }),
      faults: [expect.stringContaining('s.properties[a].type: Unsupported value: "text"')],
    },
    {
      name: 'a reference',
      schema: root({ a: { ...text, $ref: '#/x' } }),
      faults: ['s.properties[a].$ref: Forbidden: $ref is not supported'],
    },
    {
      name: 'unique items',
      schema: root({ a: { type: 'array', items: text, uniqueItems: true } }),
      faults: [expect.stringContaining('s.properties[a].uniqueItems: Forbidden')],
    },
    {
      name: 'fields and a map at once',
      schema: root({ a: { type: 'object', properties: { b: text }, additionalProperties: text } }),
      faults: ['s.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive'],
    },
    {
      name: 'a type inside a junctor',
      schema: root({ a: { ...text, anyOf: [{ type: 'string' }] } }),
      faults: ['s.properties[a].anyOf[0].type: Forbidden: must be empty to be structural'],
    },
    {
      name: 'types of a number or text',
      schema: root({ a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } }),
      faults: [],
    },
    {
      name: 'a field that only a junctor knows',
      schema: root({}, { anyOf: [{ properties: { b: { minLength: 1 } } }] }),
      faults: ['s.properties[b]: Required value: because it is defined in s.anyOf[0].properties[b]'],
    },
    {
      name: 'metadata with more than a name',
      schema: root({ metadata: { type: 'object', properties: { labels: { type: 'object' } } } }),
      faults: [expect.stringContaining('s.properties[metadata]: Forbidden: must not specify anything other than name and generateName')],
    },
    {
      name: 'a pattern that can not be read',
      schema: root({ a: { ...text, pattern: '(' } }),
      faults: [expect.stringContaining('s.properties[a].pattern: Invalid value: "("')],
    },
    {
      name: 'a default of the wrong type',
      schema: root({ a: { ...text, default: 1 } }),
      faults: [expect.stringContaining('s.properties[a].default: Invalid value: "integer"')],
    },
    {
      name: 'a default with a stray field',
      schema: root({ a: { type: 'object', properties: { b: text }, default: { c: 1 } } }),
      faults: [expect.stringContaining('must not have unknown fields, but has "c"')],
    },
    {
      name: 'a list that is a map without keys',
      schema: root({ a: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' } }),
      faults: ['s.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map'],
    },
    {
      name: 'a key that may be missing',
      schema: root({
        a: {
          type: 'array',
          items: { type: 'object', properties: { n: text } },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['n'],
        },
      }),
      faults: [expect.stringContaining('s.properties[a].items.properties[n].default: Required value')],
    },
  ])('$name', ({ schema, faults }) => {
    expect(checkStructural(schema, 's').map(formatFieldError)).toEqual(faults);
  });

  it('refuses a schema nested without end', () => {
    let schema: StructuralSchema = text;
    for (let depth = 0; depth < 300; depth += 1) schema = { type: 'object', properties: { a: schema } };
    expect(checkStructural(schema, 's').map(formatFieldError)).toEqual([
      expect.stringContaining('must not be nested deeper than 100 levels'),
    ]);
  });
});

describe('JSONPath of columns', () => {
  const object = {
    spec: {
      a: 'x',
      'b.c': 1,
      list: [
        { type: 'Ready', status: 'True' },
        { type: 'Other', status: 'False' },
      ],
    },
  };

  it.each([
    { path: '.spec.a', found: ['x'] },
    { path: '.spec.b\\.c', found: [1] },
    { path: ".spec['b.c']", found: [1] },
    { path: '.spec.list[1].type', found: ['Other'] },
    { path: '.spec.list[-1].type', found: ['Other'] },
    { path: '.spec.list[*].status', found: ['True', 'False'] },
    { path: '.spec.list[?(@.type=="Ready")].status', found: ['True'] },
    { path: '.spec.list[?(@.type != "Ready")].status', found: ['False'] },
    { path: '.spec.list[0:1].type', found: ['Ready'] },
    { path: '.spec.list[-1:].status', found: ['False'] },
    { path: '.spec.list[::2].type', found: ['Ready'] },
    { path: '..type', found: ['Ready', 'Other'] },
    { path: '.spec.none.deeper', found: [] },
    { path: '.constructor.name', found: [] },
    { path: '.spec.list.length', found: [] },
  ])('$path', ({ path, found }) => {
    const parsed = parseJsonPath(path);
    expect(parsed.ok ? findByPath(parsed.value, object) : parsed.error).toEqual(found);
  });

  it.each(['spec', '.spec[', '.spec[?(1)]', '.spec[0:', '..', '.a b'])('refuses %s', (path) => {
    expect(parseJsonPath(path).ok).toBe(false);
  });

  it('never throws and always ends', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('.', '[', ']', '*', '?', '(', '@', ')', '"', "'", '\\', 'a', '=', '0') }),
        fc.jsonValue(),
        (path, value) => {
          const parsed = parseJsonPath(path);
          if (parsed.ok) findByPath(parsed.value, value);
        },
      ),
    );
  });
});

describe('any schema and any value', () => {
  const key = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'metadata', 'toString');
  const leaf = fc.record<StructuralSchema>(
    {
      type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'object', 'array'),
      nullable: fc.boolean(),
      pattern: fc.constantFrom('^a', '(', 'x*'),
      format: fc.constantFrom('date-time', 'int32', 'byte', 'odd'),
      minLength: fc.integer(),
      maximum: fc.integer(),
      multipleOf: fc.constantFrom(0, 2, 0.1),
      enum: fc.array(fc.jsonValue(), { maxLength: 2 }),
      default: fc.jsonValue(),
      'x-kubernetes-int-or-string': fc.boolean(),
      'x-kubernetes-preserve-unknown-fields': fc.boolean(),
      'x-kubernetes-embedded-resource': fc.boolean(),
      'x-kubernetes-list-type': fc.constantFrom('set', 'map', 'atomic', 'odd'),
      'x-kubernetes-list-map-keys': fc.array(key, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const { schema } = fc.letrec<{ schema: StructuralSchema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc
        .tuple(
          leaf,
          fc.record<StructuralSchema>(
            {
              items: tie('schema'),
              properties: fc.dictionary(key, tie('schema'), { maxKeys: 3 }),
              additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
              required: fc.array(key, { maxLength: 2 }),
              anyOf: fc.array(tie('schema'), { maxLength: 2 }),
              oneOf: fc.array(tie('schema'), { maxLength: 2 }),
              not: tie('schema'),
            },
            { requiredKeys: [] },
          ),
        )
        .map(([own, below]) => ({ ...own, ...below })),
    ),
  }));
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string().map((name): unknown => JSON.parse(`{"__proto__": {"polluted": ${JSON.stringify(name)}}, "a": [null, {"constructor": 1}]}`)),
  );

  it('are read, defaulted and checked without a throw, the same when done again, and without touching what is shared', () => {
    fc.assert(
      fc.property(schema, value, (anySchema, anyValue) => {
        checkStructural(anySchema, 's');
        const once = pruneStructural(anySchema, deepFreeze(anyValue)).value;
        expect(pruneStructural(anySchema, once).value).toEqual(once);
        const filled = applyStructuralDefaults(anySchema, deepFreeze(once));
        expect(applyStructuralDefaults(anySchema, filled)).toEqual(filled);
        validateStructural(anySchema, filled).forEach(formatFieldError);
        expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
