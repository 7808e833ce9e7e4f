import { forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { applyStructuralDefaults } from './defaults.ts';
import { compilePattern } from './pattern.ts';
import { pruneStructural } from './prune.ts';
import { isEmbeddedResource, type StructuralSchema } from './schema.ts';
import { validateStructural } from './validate.ts';

const LIST_TYPES = ['atomic', 'map', 'set'];
const MAP_TYPES = ['atomic', 'granular'];
const SCALAR_TYPES: ReadonlySet<string> = new Set(['string', 'integer', 'number', 'boolean']);

/** Faults of what restricts values: patterns that can't be read, bounds below nothing. */
export function validateValueRules(schema: StructuralSchema, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (schema.pattern !== undefined && schema.pattern !== '') {
    const compiled = compilePattern(schema.pattern);
    if (!compiled.ok)
      faults.push(invalid(`${field}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${compiled.error}`));
  }
  for (const word of ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'] as const) {
    const bound = schema[word];
    if (bound !== undefined && bound < 0) faults.push(invalid(`${field}.${word}`, bound, 'must be greater than or equal to 0'));
  }
  if (schema.multipleOf !== undefined && schema.multipleOf <= 0)
    faults.push(invalid(`${field}.multipleOf`, schema.multipleOf, 'must be greater than 0'));
  return faults;
}

/** Faults of list and map types: a map of a list has keys, which every item has. */
export function validateListTypes(schema: StructuralSchema, field: string): readonly FieldError[] {
  return [
    ...validateKindOf(schema, field, { word: 'x-kubernetes-map-type', type: 'object', allowed: MAP_TYPES }),
    ...validateKindOf(schema, field, { word: 'x-kubernetes-list-type', type: 'array', allowed: LIST_TYPES }),
    ...validateMapKeys(schema, `${field}.x-kubernetes-list-map-keys`, field),
  ];
}

interface KindOf {
  readonly word: 'x-kubernetes-map-type' | 'x-kubernetes-list-type';
  readonly type: string;
  readonly allowed: readonly string[];
}

function validateKindOf(schema: StructuralSchema, field: string, { word, type, allowed }: KindOf): readonly FieldError[] {
  const value = schema[word];
  if (value === undefined) return [];
  return [
    ...(schema.type === type ? [] : [invalid(`${field}.type`, schema.type ?? '', `must be ${type} if ${word} is specified`)]),
    ...(allowed.includes(value) ? [] : [notSupported(`${field}.${word}`, value, allowed)]),
  ];
}

function validateMapKeys(schema: StructuralSchema, keysField: string, field: string): readonly FieldError[] {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map')
    return keys === undefined ? [] : [forbidden(keysField, 'must be empty if x-kubernetes-list-type is not map')];
  if (keys === undefined || keys.length === 0) return [required(keysField, 'must not be empty if x-kubernetes-list-type is map')];
  return keys.flatMap((key, index) => validateMapKey(schema, { field, key, index }));
}

function validateMapKey(
  schema: StructuralSchema,
  at: { readonly field: string; readonly key: string; readonly index: number },
): readonly FieldError[] {
  const { properties = {}, required: always = [] } = schema.items ?? {};
  const keyField = `${at.field}.x-kubernetes-list-map-keys[${at.index}]`;
  const property = Object.hasOwn(properties, at.key) ? properties[at.key] : undefined;
  if (property === undefined) return [invalid(keyField, at.key, 'entries must all be names of item properties')];
  const path = `${at.field}.items.properties[${at.key}]`;
  const faults: FieldError[] = [];
  if (!SCALAR_TYPES.has(property.type ?? ''))
    faults.push(invalid(`${path}.type`, property.type ?? '', "must be a scalar type if parent array's x-kubernetes-list-type is map"));
  if (property.nullable === true)
    faults.push(forbidden(`${path}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'));
  if (property.default === undefined && !always.includes(at.key))
    faults.push(
      required(`${path}.default`, 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'),
    );
  return faults;
}

/** Faults of a default: it fits the schema, and has no unknown fields. */
export function validateDefault(schema: StructuralSchema, field: string): readonly FieldError[] {
  const path = `${field}.default`;
  const value = schema.default;
  if (value === null) return schema.nullable === true ? [] : [invalid(path, null, 'must not be null: the field is not nullable')];
  // why: a whole object inside the default keeps its metadata, as it would in an object
  const pruned = pruneStructural(isEmbeddedResource(schema) ? schema : { ...schema, default: undefined }, value);
  const [stray] = pruned.unknown.filter((name) => !/^(?:apiVersion|kind|metadata)(?:\.|$)/.test(name));
  if (stray !== undefined) return [invalid(path, value, `must not have unknown fields, but has ${JSON.stringify(stray)}`)];
  return validateStructural(schema, applyStructuralDefaults(schema, value), { path });
}
