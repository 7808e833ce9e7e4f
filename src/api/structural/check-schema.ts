import { isRecord } from '#kit/json.ts';
import { forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { validateDefault, validateListTypes, validateValueRules } from './check-schema-rules.ts';
import { isEmbeddedResource, isIntOrString, keepsUnknown, propertyOf, type StructuralSchema } from './schema.ts';

/** Deepest nesting of a schema: far more than any has, little enough for every recursion over it. */
export const MAX_SCHEMA_DEPTH = 100;
const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
/** Words of JSON schema that a structural schema can't have (apiextensions pkg/apis/apiextensions/validation). */
const FORBIDDEN_WORDS = ['$ref', 'id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies'] as const;
/** Words that say what a value is, which a junctor may only restrict (apiextensions pkg/apiserver/schema/validation.go). */
const STRUCTURAL_WORDS = [
  'description',
  'type',
  'default',
  'title',
  'nullable',
  'additionalProperties',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
] as const;

const TOO_DEEP = `must not be nested deeper than ${MAX_SCHEMA_DEPTH} levels`;

interface Place {
  readonly field: string;
  readonly depth: number;
  readonly faults: FieldError[];
  readonly where: 'root' | 'property' | 'map value' | 'item';
}

/** Faults of the schema of a version: it has to be structural, so that every field has a type and unknown ones can be dropped. */
export function checkStructural(schema: StructuralSchema, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  checkNode(schema, { field, depth: 0, faults, where: 'root' });
  return faults;
}

function checkNode(schema: StructuralSchema, place: Place): void {
  const { field, faults, depth } = place;
  if (depth > MAX_SCHEMA_DEPTH) {
    faults.push(forbidden(field, TOO_DEEP));
    return;
  }
  checkWords(schema, place);
  checkMapValues(schema, place);
  checkType(schema, place);
  checkContent(schema, place);
  checkChildren(schema, place);
  faults.push(...validateListTypes(schema, field), ...validateValueRules(schema, field));
  if (schema.default !== undefined) faults.push(...validateDefault(schema, field));
  checkJunctors(schema, schema, place);
}

function checkWords(schema: StructuralSchema, { field, faults, where }: Place): void {
  for (const word of FORBIDDEN_WORDS)
    if (schema[word] !== undefined) faults.push(forbidden(`${field}.${word}`, `${word} is not supported`));
  if (schema.uniqueItems === true)
    faults.push(forbidden(`${field}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    faults.push(invalid(`${field}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  if (where === 'root' && schema.nullable === true) faults.push(forbidden(`${field}.nullable`, 'nullable cannot be true at the root'));
}

function checkMapValues(schema: StructuralSchema, { field, faults, where }: Place): void {
  const { additionalProperties } = schema;
  if (additionalProperties !== undefined && typeof additionalProperties !== 'boolean' && !isRecord(additionalProperties))
    faults.push(invalid(`${field}.additionalProperties`, additionalProperties, 'must be a schema object or true'));
  if (additionalProperties === false)
    faults.push(forbidden(`${field}.additionalProperties`, 'additionalProperties cannot be set to false'));
  const isMixed = Object.keys(schema.properties ?? {}).length > 0 && additionalProperties !== true;
  if (additionalProperties !== undefined && isMixed)
    faults.push(forbidden(`${field}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  if (where === 'root' && additionalProperties !== undefined)
    faults.push(forbidden(`${field}.additionalProperties`, 'must not be used at the root'));
}

const WHERE: Readonly<Record<Place['where'], string>> = {
  root: 'at the root',
  property: 'for specified object fields',
  'map value': 'for specified object fields',
  item: 'for specified array items',
};

function checkType(schema: StructuralSchema, { field, faults, where }: Place): void {
  const { type = '' } = schema;
  if (type !== '' && !TYPES.includes(type)) faults.push(notSupported(`${field}.type`, type, TYPES));
  // why: published definitions name a type beside x-kubernetes-int-or-string (VolumeSnapshot's restoreSize), which clusters accept
  if (isIntOrString(schema)) return;
  if (type === '' && (where === 'root' || !keepsUnknown(schema))) {
    faults.push(required(`${field}.type`, `must not be empty ${WHERE[where]}`));
  } else if (where === 'root' && type !== 'object') {
    faults.push(invalid(`${field}.type`, type, 'must be object at the root'));
  }
}

function checkContent(schema: StructuralSchema, { field, faults }: Place): void {
  const { type = '', items, properties } = schema;
  if (type === 'array' && items === undefined && !keepsUnknown(schema)) faults.push(required(`${field}.items`, 'must be specified'));
  if (!isEmbeddedResource(schema)) return;
  if (type !== 'object') faults.push(invalid(`${field}.type`, type, 'must be object if x-kubernetes-embedded-resource is true'));
  if (properties === undefined && !keepsUnknown(schema)) faults.push(required(`${field}.properties`, EMBEDDED_NEEDS_CONTENT));
}

const EMBEDDED_NEEDS_CONTENT = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';

function checkChildren(schema: StructuralSchema, place: Place): void {
  const below = (field: string, where: Place['where']): Place => ({ ...place, field, where, depth: place.depth + 1 });
  const { items, properties = {}, additionalProperties } = schema;
  if (Array.isArray(items)) place.faults.push(forbidden(`${place.field}.items`, 'items must be a schema object and not an array'));
  else if (items !== undefined) checkNode(items, below(`${place.field}.items`, 'item'));
  if (isRecord(additionalProperties)) checkNode(additionalProperties, below(`${place.field}.additionalProperties`, 'map value'));
  for (const [key, property] of Object.entries(properties)) {
    if (place.where === 'root' && key === 'metadata') checkMetadata(property, place);
    checkNode(property, below(`${place.field}.properties[${key}]`, 'property'));
  }
}

function checkMetadata(schema: StructuralSchema, { field, faults }: Place): void {
  const path = `${field}.properties[metadata]`;
  const others = Object.keys(schema.properties ?? {}).filter((key) => key !== 'name' && key !== 'generateName');
  if (others.length > 0 || schema.additionalProperties !== undefined)
    faults.push(forbidden(path, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
}

/** Junctors restrict what the schema around them specifies, and specify nothing themselves. */
function checkJunctors(part: StructuralSchema, around: StructuralSchema, place: Place): void {
  for (const word of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [index, inner] of (part[word] ?? []).entries())
      checkJunctor(inner, around, { ...place, field: `${place.field}.${word}[${index}]` });
  }
  if (part.not !== undefined) checkJunctor(part.not, around, { ...place, field: `${place.field}.not` });
}

function checkJunctor(part: StructuralSchema, around: StructuralSchema, place: Place): void {
  const { field, faults, depth } = place;
  if (depth > MAX_SCHEMA_DEPTH) {
    faults.push(forbidden(field, TOO_DEEP));
    return;
  }
  for (const word of STRUCTURAL_WORDS) {
    if (part[word] === undefined || (word === 'type' && isIntOrString(around))) continue;
    faults.push(forbidden(`${field}.${word}`, 'must be empty to be structural'));
  }
  faults.push(...validateValueRules(part, field));
  const deeper = { ...place, depth: depth + 1 };
  checkJunctors(part, around, deeper);
  checkRestrictedChildren(part, around, deeper);
}

/** What a junctor restricts has to be specified outside of it. */
function checkRestrictedChildren(part: StructuralSchema, around: StructuralSchema, place: Place): void {
  const { field, faults } = place;
  const descend = (inner: StructuralSchema, known: StructuralSchema | undefined, path: string): void => {
    if (known !== undefined) checkJunctor(inner, known, { ...place, field: path });
    else if (!keepsUnknown(around)) faults.push(required(withoutJunctors(path), `because it is defined in ${path}`));
  };
  if (isRecord(part.items)) descend(part.items, around.items, `${field}.items`);
  for (const [key, inner] of Object.entries(part.properties ?? {})) descend(inner, propertyOf(around, key), `${field}.properties[${key}]`);
}

function withoutJunctors(field: string): string {
  return field.replaceAll(/\.(?:(?:allOf|anyOf|oneOf)\[\d+\]|not)(?=\.|$)/g, '');
}
