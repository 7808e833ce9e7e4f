import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFieldError } from '#api/meta/field-error.ts';
import type { StructuralSchema } from '#api/structural/schema.ts';
import { checkRules } from './check-rules.ts';
import { compileRules } from './rule-tree.ts';

const text: StructuralSchema = { type: 'string' };
const whole: StructuralSchema = { type: 'integer' };
type Rules = NonNullable<StructuralSchema['x-kubernetes-validations']>;

/** A schema of a whole object whose spec has these properties and rules. */
function withSpec(properties: Record<string, StructuralSchema>, rules: Rules = []): StructuralSchema {
  const spec: StructuralSchema = { type: 'object', properties, ...(rules.length === 0 ? {} : { 'x-kubernetes-validations': rules }) };
  return { type: 'object', properties: { spec } };
}

function ask(schema: StructuralSchema, next: unknown, previous?: unknown): readonly string[] {
  const { tree, faults } = compileRules(schema, 'schema');
  expect(faults.map(formatFieldError)).toEqual([]);
  const wrap = (spec: unknown): object => ({ metadata: { name: 'thing' }, spec });
  if (tree === undefined) throw new Error('the schema has no rules');
  return checkRules(tree, wrap(next), previous === undefined ? undefined : wrap(previous)).faults.map(formatFieldError);
}

describe('API-2: rules of a definition (CEL)', () => {
  it.each<{ name: string; schema: StructuralSchema; next: unknown; previous?: unknown; faults: string[] }>([
    {
      name: 'compare whole numbers',
      schema: withSpec({ min: whole, max: whole }, [{ rule: 'self.min <= self.max', message: 'min must not exceed max' }]),
      next: { min: 3, max: 2 },
      faults: ['spec: Invalid value: "object": min must not exceed max'],
    },
    {
      name: 'name members that are words of the language',
      schema: withSpec({ name: text, namespace: text, 'a-b': text }, [
        { rule: 'has(self.name) && has(self.__namespace__) && self.a__dash__b == "x"' },
      ]),
      next: { name: 'a', namespace: 'b', 'a-b': 'x' },
      faults: [],
    },
    {
      name: 'tell the rule where there is no message',
      schema: withSpec({ a: { ...whole, 'x-kubernetes-validations': [{ rule: 'self > 1' }] } }),
      next: { a: 1 },
      faults: ['spec.a: Invalid value: "integer": failed rule: self > 1'],
    },
    {
      name: 'make their message',
      schema: withSpec({ a: whole }, [{ rule: 'self.a < 5', messageExpression: '"a is %d".format([self.a])', message: 'unused' }]),
      next: { a: 7 },
      faults: ['spec: Invalid value: "object": a is 7'],
    },
    {
      name: 'fall back to the message where the expression fails',
      schema: withSpec({ a: whole, b: text }, [{ rule: 'self.a < 5', messageExpression: 'self.b', message: 'too large' }]),
      next: { a: 7 },
      faults: ['spec: Invalid value: "object": too large'],
    },
    {
      name: 'give reason and path of the fault',
      schema: withSpec({ a: whole }, [{ rule: 'self.a < 5', message: 'no', reason: 'FieldValueForbidden', fieldPath: '.a' }]),
      next: { a: 7 },
      faults: ['spec.a: Forbidden: no'],
    },
    {
      name: 'are asked on items and values of maps',
      schema: withSpec({
        list: { type: 'array', items: { ...text, 'x-kubernetes-validations': [{ rule: 'size(self) > 1', message: 'short' }] } },
        map: { type: 'object', additionalProperties: { ...whole, 'x-kubernetes-validations': [{ rule: 'self > 0', message: 'low' }] } },
      }),
      next: { list: ['ab', 'c'], map: { k: 0 } },
      faults: ['spec.list[1]: Invalid value: "string": short', 'spec.map[k]: Invalid value: "integer": low'],
    },
    {
      name: 'look at keys of maps with patterns',
      schema: withSpec({
        codes: {
          type: 'object',
          additionalProperties: text,
          'x-kubernetes-validations': [{ rule: "self.all(k, k.matches('^[A-Z]+(_[A-Z]+)+$'))", message: 'bad code' }],
        },
      }),
      next: { codes: { OSD_DOWN: 'x', bad: 'y' } },
      faults: ['spec.codes: Invalid value: "object": bad code'],
    },
    {
      name: 'of a change are not asked of a new object',
      schema: withSpec({ a: { ...text, 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'immutable' }] } }),
      next: { a: 'x' },
      faults: [],
    },
    {
      name: 'of a change compare with what was',
      schema: withSpec({ a: { ...text, 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'immutable' }] } }),
      next: { a: 'x' },
      previous: { a: 'y' },
      faults: ['spec.a: Invalid value: "string": immutable'],
    },
    {
      name: 'of a change are not asked where there was no value',
      schema: withSpec({ a: { ...text, 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'immutable' }] } }),
      next: { a: 'x' },
      previous: {},
      faults: [],
    },
    {
      name: 'hold a field once it is set',
      schema: withSpec({ a: text }, [{ rule: '!has(oldSelf.a) || has(self.a)', message: 'a is required once set' }]),
      next: {},
      previous: { a: 'x' },
      faults: ['spec: Invalid value: "object": a is required once set'],
    },
    {
      name: 'with an optional oldSelf are asked of a new object, too',
      schema: withSpec({
        a: { ...whole, 'x-kubernetes-validations': [{ rule: 'self >= oldSelf.orValue(5)', optionalOldSelf: true, message: 'low' }] },
      }),
      next: { a: 4 },
      faults: ['spec.a: Invalid value: "integer": low'],
    },
    {
      name: 'with an optional oldSelf see the value before',
      schema: withSpec({
        a: { ...whole, 'x-kubernetes-validations': [{ rule: 'self >= oldSelf.orValue(5)', optionalOldSelf: true, message: 'low' }] },
      }),
      next: { a: 4 },
      previous: { a: 3 },
      faults: [],
    },
    {
      name: 'find items of a list that is a map by their keys',
      schema: withSpec({
        list: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: text, size: whole },
            'x-kubernetes-validations': [{ rule: 'self.size >= oldSelf.size', message: 'shrinks' }],
          },
        },
      }),
      next: {
        list: [
          { name: 'b', size: 1 },
          { name: 'a', size: 3 },
        ],
      },
      previous: {
        list: [
          { name: 'a', size: 2 },
          { name: 'b', size: 2 },
        ],
      },
      faults: ['spec.list[0]: Invalid value: "object": shrinks'],
    },
    {
      name: 'know times, durations and quantities',
      schema: withSpec({ at: { ...text, format: 'date-time' }, for: { ...text, format: 'duration' }, size: text }, [
        { rule: "self.at < timestamp('2030-01-01T00:00:00Z') && self.__for__ < duration('1h')" },
        { rule: "quantity(self.size).isLessThan(quantity('1Ti'))", message: 'too large' },
      ]),
      next: { at: '2026-01-01T00:00:00Z', for: '30m', size: '2Ti' },
      faults: ['spec: Invalid value: "object": too large'],
    },
    {
      name: 'tell why they can not be evaluated',
      schema: withSpec({ a: text, b: whole }, [{ rule: 'self.a == "x"', message: 'a must be x' }]),
      next: { b: 1 },
      faults: ['spec: Invalid value: "object": rule evaluation error: no such key: a evaluating rule: a must be x'],
    },
  ])('$name', ({ schema, next, previous, faults }) => {
    expect(ask(schema, next, previous)).toEqual(faults);
  });

  it('see the name of the object, and nothing else of its metadata', () => {
    const schema = {
      ...withSpec({ a: text }),
      'x-kubernetes-validations': [{ rule: 'self.metadata.name == self.spec.a', message: 'other name' }],
    };
    expect(ask(schema, { a: 'thing' })).toEqual([]);
    expect(ask(schema, { a: 'x' })).toEqual(['<nil>: Invalid value: "object": other name']);
  });

  it.each([
    { name: 'broken syntax', rule: 'self.a ==', says: /compilation failed/ },
    { name: 'no rule', rule: ' ', says: /rule is not specified/ },
    { name: 'no verdict', rule: '"x"', says: /must evaluate to a bool/ },
    { name: 'an unknown variable', rule: 'other == 1', says: /undeclared reference to 'other' \(in container ''\)/ },
    {
      name: 'an unknown function',
      rule: 'sort(self.a).family() == 4',
      says: /compilation failed: ERROR: <input>:1:5: found no matching overload for 'sort' applied to '\(string\)'/,
    },
    { name: 'a field that the schema lacks', rule: 'self.b == "x"', says: /undefined field 'b'/ },
    { name: 'a field that items lack', rule: 'self.list.all(item, item.y == 1)', says: /undefined field 'y'/ },
    { name: 'a pattern with a look-ahead', rule: 'self.a.matches("(?=a)")', says: /compilation failed: .*error parsing regexp/ },
    { name: 'oldSelf among items without identity', rule: 'self.a == "x"', inItems: 'self == oldSelf', says: /uncorrelatable/ },
  ])('are refused with the definition for $name', ({ rule, inItems, says }) => {
    const items: StructuralSchema = {
      type: 'object',
      properties: { x: whole },
      ...(inItems === undefined ? {} : { 'x-kubernetes-validations': [{ rule: inItems }] }),
    };
    const { faults } = compileRules(withSpec({ a: text, list: { type: 'array', items } }, [{ rule }]), 'schema');
    expect(faults.map(formatFieldError).join('\n')).toMatch(says);
  });

  it('end soon whatever they are given', () => {
    const nested = 'self.list.all(a, self.list.all(b, self.list.all(c, a + b + c != "x")))';
    const schema = withSpec({ list: { type: 'array', items: text } }, [{ rule: nested }]);
    const list = Array.from({ length: 2_000 }, (_, index) => `item ${index}`);
    // why without `ask`: a definition may have been stored before its rules were bounded
    const { tree, faults } = compileRules(schema, 'schema');
    expect(faults.map(formatFieldError)[0]).toMatch(/Forbidden: estimated rule cost exceeds budget by factor of more than 100x/);
    const check = (spec: unknown): string =>
      tree === undefined ? '' : checkRules(tree, { spec }, undefined).faults.map(formatFieldError).join('');
    expect(check({ list })).toContain('would cost too much to evaluate');
    expect(check({ list: ['a', 'b'] })).toBe('');
    const slow = withSpec({ a: { ...text, 'x-kubernetes-validations': [{ rule: 'self.matches("^(a+)+$")', message: 'no' }] } });
    expect(ask(slow, { a: `${'a'.repeat(5_000)}b` })).toEqual(['spec.a: Invalid value: "string": no']);
  });

  it('never throw, whatever the object is', () => {
    const any: StructuralSchema = {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      'x-kubernetes-validations': [
        { rule: 'has(self.metadata.name) && self.metadata.name.size() > 0' },
        { rule: 'self == oldSelf' },
        { rule: 'self.metadata == oldSelf.orValue(self).metadata', optionalOldSelf: true },
      ],
    };
    const { tree } = compileRules(any, 'schema');
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (next, previous) => {
        if (tree !== undefined) checkRules(tree, { __proto__: null, metadata: {}, next }, { previous });
        if (tree !== undefined) checkRules(tree, next, previous);
      }),
    );
  });
});
