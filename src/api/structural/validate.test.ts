import { describe, expect, it } from 'vitest';
import { causeOf, formatFieldError } from '../meta/field-error.ts';
import type { StructuralSchema } from './schema.ts';
import { validateStructural } from './validate.ts';

const faultsOf = (schema: StructuralSchema, value: unknown): string[] =>
  validateStructural(schema, value, { path: 'spec.x' }).map(formatFieldError);

describe('API-2: values by the schema of a definition', () => {
  it.each<{ name: string; schema: StructuralSchema; value: unknown; faults: string[] }>([
    { name: 'a text', schema: { type: 'string' }, value: 'a', faults: [] },
    {
      name: 'a text where a whole number is due',
      schema: { type: 'integer' },
      value: '3',
      faults: ['spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"'],
    },
    {
      name: 'a fraction where a whole number is due',
      schema: { type: 'integer' },
      value: 1.5,
      faults: ['spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"'],
    },
    { name: 'a whole number where any number is due', schema: { type: 'number' }, value: 1, faults: [] },
    {
      name: 'a null',
      schema: { type: 'object' },
      value: null,
      faults: ['spec.x: Invalid value: "null": spec.x in body must be of type object: "null"'],
    },
    { name: 'a null where it may be', schema: { type: 'object', nullable: true }, value: null, faults: [] },
    { name: 'a number or text: a number', schema: { 'x-kubernetes-int-or-string': true }, value: 5, faults: [] },
    { name: 'a number or text: a text', schema: { 'x-kubernetes-int-or-string': true }, value: '5%', faults: [] },
    {
      name: 'a number or text: a list',
      schema: { 'x-kubernetes-int-or-string': true },
      value: [],
      faults: ['spec.x: Invalid value: "array": spec.x in body must be of type integer,string: "array"'],
    },
    {
      name: 'none of the allowed values',
      schema: { type: 'string', enum: ['a', 'b'] },
      value: 'c',
      faults: ['spec.x: Unsupported value: "c": supported values: "a", "b"'],
    },
    {
      name: 'a text that does not match',
      schema: { type: 'string', pattern: '^a+$' },
      value: 'b',
      faults: [`spec.x: Invalid value: "b": spec.x in body should match '^a+$'`],
    },
    {
      name: 'a text too long',
      schema: { type: 'string', maxLength: 2 },
      value: 'abc',
      faults: ['spec.x: Too long: may not be more than 2 bytes'],
    },
    { name: 'characters, not units', schema: { type: 'string', maxLength: 2 }, value: '💾💾', faults: [] },
    {
      name: 'a text too short',
      schema: { type: 'string', minLength: 1 },
      value: '',
      faults: ['spec.x: Invalid value: "": spec.x in body should be at least 1 chars long'],
    },
    {
      name: 'no time',
      schema: { type: 'string', format: 'date-time' },
      value: 'today',
      faults: ['spec.x: Invalid value: "today": spec.x in body must be of type date-time: "today"'],
    },
    { name: 'an unknown format', schema: { type: 'string', format: 'colour' }, value: 'red', faults: [] },
    {
      name: 'a number too large',
      schema: { type: 'integer', maximum: 10 },
      value: 11,
      faults: ['spec.x: Invalid value: 11: spec.x in body should be less than or equal to 10'],
    },
    {
      name: 'a number at an excluded bound',
      schema: { type: 'integer', minimum: 1, exclusiveMinimum: true },
      value: 1,
      faults: ['spec.x: Invalid value: 1: spec.x in body should be greater than 1'],
    },
    {
      name: 'a number that is no multiple',
      schema: { type: 'number', multipleOf: 0.1 },
      value: 0.25,
      faults: ['spec.x: Invalid value: 0.25: spec.x in body should be a multiple of 0.1'],
    },
    { name: 'a multiple that is not exact in binary', schema: { type: 'number', multipleOf: 0.1 }, value: 0.3, faults: [] },
    {
      name: 'a number wider than its format',
      schema: { type: 'integer', format: 'int32' },
      value: 2 ** 31,
      faults: ['spec.x: Invalid value: 2147483648: spec.x in body must be of type int32: "2147483648"'],
    },
    {
      name: 'a list too long',
      schema: { type: 'array', maxItems: 1, items: { type: 'string' } },
      value: ['a', 'b'],
      faults: ['spec.x: Too many: 2: must have at most 1 items'],
    },
    {
      name: 'a wrong item',
      schema: { type: 'array', items: { type: 'string' } },
      value: ['a', 1],
      faults: ['spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"'],
    },
    {
      name: 'a set with the same twice',
      schema: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      value: ['a', 'a'],
      faults: ['spec.x[1]: Duplicate value: "a"'],
    },
    {
      name: 'a list that is a map with the same key twice',
      schema: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', properties: { name: { type: 'string' }, size: { type: 'integer' } } },
      },
      value: [
        { name: 'a', size: 1 },
        { name: 'a', size: 2 },
      ],
      faults: ['spec.x[1]: Duplicate value: {"name":"a"}'],
    },
    {
      name: 'a missing member',
      schema: { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
      value: {},
      faults: ['spec.x.a: Required value'],
    },
    {
      name: 'a required member that only the prototype has',
      schema: { type: 'object', required: ['constructor'], 'x-kubernetes-preserve-unknown-fields': true },
      value: {},
      faults: ['spec.x.constructor: Required value'],
    },
    {
      name: 'a wrong value of a map',
      schema: { type: 'object', additionalProperties: { type: 'integer' } },
      value: { k: 'v' },
      faults: ['spec.x.k: Invalid value: "string": spec.x.k in body must be of type integer: "string"'],
    },
    {
      name: 'none of several forms',
      schema: { type: 'object', properties: { a: {}, b: {} }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
      value: {},
      faults: ['spec.x: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found none valid'],
    },
    {
      name: 'all of several forms at once',
      schema: { type: 'object', properties: { a: {}, b: {} }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
      value: { a: 1, b: 1 },
      faults: ['spec.x: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid'],
    },
    {
      name: 'what must not be',
      schema: { type: 'string', not: { enum: ['a'] } },
      value: 'a',
      faults: ['spec.x: Invalid value: "": "spec.x" must not validate the schema (not)'],
    },
    {
      name: 'an object inside without a kind',
      schema: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      value: { apiVersion: 'v1', metadata: { labels: 3 } },
      faults: ['spec.x.kind: Required value: must not be empty', expect.stringMatching(/^spec\.x\.metadata\.labels: Invalid value: 3/)],
    },
  ])('$name', ({ schema, value, faults }) => {
    expect(faultsOf(schema, value)).toEqual(faults);
  });

  it('gives causes that clients know', () => {
    const [fault] = validateStructural({ type: 'integer' }, 'x', { path: 'spec.x' });
    expect(fault === undefined ? undefined : causeOf(fault)).toMatchObject({ reason: 'FieldValueTypeInvalid', field: 'spec.x' });
  });

  it('matches patterns in linear time', () => {
    expect(faultsOf({ type: 'string', pattern: '^(a|a)*$' }, `${'a'.repeat(20_000)}b`)).toHaveLength(1);
    expect(faultsOf({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(20_000)}b`)).toHaveLength(1);
  });

  it('tells at most a hundred faults', () => {
    const value = Array.from({ length: 1_000 }, () => 1);
    expect(faultsOf({ type: 'array', items: { type: 'string' } }, value)).toHaveLength(100);
  });
});
