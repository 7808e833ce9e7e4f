import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, type FieldNode, type FieldSet, formatPaths, intersection, isEmptySet, isSameSet, union } from './field-set.ts';
import { formatFieldsV1, parseFieldsV1 } from './fields-v1.ts';
import { fieldElement, keyElement, parseElement, valueElement } from './path-element.ts';

const scalar = fc.oneof(fc.string({ maxLength: 4 }), fc.integer({ min: -9, max: 9 }), fc.boolean());
const element = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', '.', 'f:x', '__proto__').map(fieldElement) },
  fc.dictionary(fc.constantFrom('name', 'port', 'x'), scalar, { minKeys: 1 }).map(keyElement),
  scalar.map(valueElement),
  fc.nat(5).map((index) => `i:${index}`),
);
const { set } = fc.letrec<{ set: FieldSet; node: FieldNode }>((tie) => ({
  set: fc.array(fc.tuple(element, tie('node')), { maxLength: 4, depthIdentifier: 'set' }).map((nodes) => new Map(nodes)),
  node: fc.oneof(
    { depthIdentifier: 'set', maxDepth: 3 },
    fc.constant<FieldNode>({ isMember: true, below: new Map() }),
    fc.record({ isMember: fc.boolean(), below: tie('set') }).map((node) => (node.below.size === 0 ? { ...node, isMember: true } : node)),
  ),
}));

describe('sets of fields', () => {
  it('are the same after they were serialised and read back (any set)', () => {
    fc.assert(
      fc.property(set, (fields) => {
        const wire: unknown = JSON.parse(JSON.stringify(formatFieldsV1(fields)));
        const read = parseFieldsV1(wire);
        expect(read).toBeDefined();
        expect(isSameSet(read ?? new Map(), fields)).toBe(true);
        expect(formatFieldsV1(read ?? new Map())).toEqual(wire);
      }),
    );
  });

  it('fall into what another set has and what it has not (any two sets)', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const [both, onlyA] = [intersection(a, b), difference(a, b)];
        expect(isSameSet(union(both, onlyA), a)).toBe(true);
        expect(isEmptySet(intersection(onlyA, b))).toBe(true);
        expect(isSameSet(union(a, b), union(b, a))).toBe(true);
        expect(isEmptySet(difference(a, union(a, b)))).toBe(true);
      }),
    );
  });

  it.each([
    { name: 'fields', wire: { 'f:spec': { 'f:replicas': {} } }, paths: ['.spec.replicas'] },
    { name: 'a field and what is below it', wire: { 'f:a': { '.': {}, 'f:b': {} } }, paths: ['.a', '.a.b'] },
    {
      name: 'items by their keys, sorted by name',
      wire: { 'k:{"protocol":"TCP","containerPort":80}': { 'f:name': {} } },
      paths: ['[containerPort=80,protocol="TCP"].name'],
    },
    { name: 'items of sets', wire: { 'f:finalizers': { 'v:"a/b"': {} } }, paths: ['.finalizers[="a/b"]'] },
    { name: 'items by their place', wire: { 'i:3': {} }, paths: ['[3]'] },
    { name: 'no steps that are unknown', wire: { 'x:y': { 'f:a': {} }, 'k:[': {}, 'v:{': {}, 'i:-1': {}, 'f:b': {} }, paths: ['.b'] },
  ])('read $name', ({ wire, paths }) => {
    expect(formatPaths(parseFieldsV1(wire) ?? new Map())).toEqual(paths);
  });

  it.each([{ wire: 1 }, { wire: null }, { wire: [] }, { wire: { 'f:a': 1 } }, { wire: { 'f:a': { 'f:b': null } } }])(
    'are not read from $wire',
    ({ wire }) => {
      expect(parseFieldsV1(wire)).toBeUndefined();
    },
  );

  it('name a step in one way only', () => {
    expect(parseElement('k:{ "b": {"y":1,"x":2}, "a":"\\u0031" }')).toBe('k:{"a":"1","b":{"x":2,"y":1}}');
    expect(parseElement('i:007')).toBe('i:7');
  });
});
