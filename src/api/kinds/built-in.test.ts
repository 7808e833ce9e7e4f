import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, trusted } from '#kit/json.ts';
import type { KubeObject } from '../meta/object.ts';
import { BUILT_IN_RESOURCES } from '../resources.ts';
import { checkAgainstSchema } from '../schema/check.ts';
import { definitionOf, isOpaque, MICRO_TIME, QUANTITY, resolveReference, type NamedSchema } from '../schema/definitions.ts';
import { pruneUnknown } from '../schema/prune.ts';
import { BUILT_IN_KINDS } from './built-in.ts';

const FORMATS = new Map<string, fc.Arbitrary<unknown>>([
  ['date-time', fc.constant('2026-01-01T00:00:00Z')],
  ['byte', fc.constantFrom('', 'YQ==')],
  ['int-or-string', fc.oneof(fc.string({ maxLength: 5 }), fc.integer())],
]);

const NAMED = new Map<string, fc.Arbitrary<unknown>>([
  [MICRO_TIME, fc.constant('2026-01-01T00:00:00.000001Z')],
  [QUANTITY, fc.constantFrom('1Gi', '0', '-1', '500m', 7)],
]);

/** Any value that the schema lets through, with few of the optional members. */
function anyOf({ name, schema }: NamedSchema, depth: number): fc.Arbitrary<unknown> {
  const formatted = NAMED.get(name) ?? FORMATS.get(schema.format ?? '');
  if (formatted !== undefined) return formatted;
  if (isOpaque(schema)) return anyOpaque(name);
  switch (schema.type) {
    case 'string':
      return fc.oneof(fc.constantFrom('', 'a', 'Always', 'ReadWriteOnce', 'In', '/x', '../x', '__proto__'), fc.string({ maxLength: 8 }));
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer({ min: -5, max: 70_000 });
    case 'array':
      return depth <= 0 ? fc.constant([]) : fc.array(anyOf(resolveReference(schema.items ?? {}), depth - 1), { maxLength: 2 });
    default:
      return anyObject(schema, depth);
  }
}

function anyOpaque(name: string): fc.Arbitrary<unknown> {
  return name.includes('JSONSchemaPropsOr') ? fc.boolean() : fc.dictionary(fc.string({ maxLength: 3 }), fc.integer(), { maxKeys: 2 });
}

function anyObject(schema: NamedSchema['schema'], depth: number): fc.Arbitrary<unknown> {
  if (depth <= 0) return fc.constant({});
  if (typeof schema.additionalProperties === 'object') {
    return fc.dictionary(fc.constantFrom('a', 'storage', 'x/y', 'B c'), anyOf(resolveReference(schema.additionalProperties), depth - 1), {
      maxKeys: 2,
    });
  }
  const keys = Object.keys(schema.properties ?? {});
  return fc
    .subarray(keys, { maxLength: Math.min(keys.length, 6) })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((key) => [key, anyOf(resolveReference(schema.properties?.[key] ?? {}), depth - 1)]))),
    );
}

const META = { name: 'n', namespace: 'ns', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

describe('BUILT_IN_KINDS', () => {
  it('has a definition for every resource, in the same order', () => {
    const own = BUILT_IN_KINDS.filter(({ storedWith }) => storedWith === undefined);
    expect(own.map(({ resource }) => resource)).toEqual(BUILT_IN_RESOURCES);
  });

  it.each(BUILT_IN_KINDS.map((kind) => ({ name: kind.resource.kind, kind })))(
    '$name takes anything that its schema lets through',
    ({ kind }) => {
      const { schema } = definitionOf(kind.schema);
      const parts = Object.keys(schema.properties ?? {}).filter((key) => !['apiVersion', 'kind', 'metadata'].includes(key));
      const body = fc.record(Object.fromEntries(parts.map((key) => [key, anyOf(resolveReference(schema.properties?.[key] ?? {}), 5)])), {
        requiredKeys: [],
      });
      fc.assert(
        fc.property(body, body, (first, second) => {
          const [next, previous] = [first, second].map((fields) => {
            expect(checkAgainstSchema(kind.schema, fields).errors).toEqual([]);
            const pruned = trusted<KubeObject>(deepFreeze({ ...Object(pruneUnknown(kind.schema, fields)), metadata: META }));
            const defaulted = deepFreeze(kind.applyDefaults(pruned));
            expect(kind.applyDefaults(defaulted)).toEqual(defaulted);
            return deepFreeze(kind.prepareForCreate(defaulted));
          });
          if (next === undefined || previous === undefined) return;
          for (const fault of [...kind.validate(next), ...kind.validate(previous)]) expect(fault.field).toEqual(expect.any(String));
          if (kind.validate(next).length > 0 || kind.validate(previous).length > 0) return;
          expect(kind.validateUpdate(next, next)).toEqual([]);
          kind.validateUpdate(next, previous);
          for (const column of kind.columns) expect(column.value(next, 0)).not.toBeUndefined();
          for (const read of Object.values(kind.selectableFields)) expect(read(next)).toEqual(expect.any(String));
          expect(kind.deletionGraceSec(next)).toBeGreaterThanOrEqual(0);
        }),
        { numRuns: 60 },
      );
    },
  );
});
