import { canonicalJson } from '#kit/exact-json.ts';
import { deepEqual, isNumeric, isRecord, isWholeNumber } from '#kit/json.ts';
import { duplicate, invalid, notSupported, required, tooMany, typeInvalid } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { checkAgainstSchema } from '../schema/check.ts';
import { OBJECT_META } from '../schema/definitions.ts';
import { isEmbeddedResource, isIntOrString, memberOf, memberPath, type StructuralSchema } from './schema.ts';
import { validateNumber, validateText } from './validate-scalar.ts';

/** Most faults of an object that are told. */
const MAX_FAULTS = 100;

/** Faults of `value` by `schema`, in the words of kube-openapi's validator. `path` is where the value stands; `''` = a whole object. */
export function validateStructural(schema: StructuralSchema, value: unknown, path = ''): readonly FieldError[] {
  const faults: FieldError[] = [];
  walk({ schema, path, faults }, value);
  return faults;
}

interface Step {
  readonly schema: StructuralSchema;
  readonly path: string;
  readonly faults: FieldError[];
}

function walk(step: Step, value: unknown): void {
  const { schema, path, faults } = step;
  if (faults.length >= MAX_FAULTS || value === undefined) return;
  if (value === null && schema.nullable === true) return;
  const expected = expectedTypes(schema);
  const actual = typeOf(value);
  if (expected.length > 0 && !isOfType(expected, actual)) {
    const text = `${path} in body must be of type ${expected.join(',')}: ${JSON.stringify(actual)}`;
    faults.push(typeInvalid(path, actual, text));
    return;
  }
  validateEnum(step, value);
  if (typeof value === 'string') faults.push(...validateText(schema, value, path));
  else if (isNumeric(value)) faults.push(...validateNumber(schema, value, path));
  else if (Array.isArray(value)) validateList(step, value);
  else if (isRecord(value)) validateObject(step, value);
  validateJunctors(step, value);
}

function expectedTypes(schema: StructuralSchema): readonly string[] {
  if (isIntOrString(schema)) return ['integer', 'string'];
  return schema.type === undefined || schema.type === '' ? [] : [schema.type];
}

/** The JSON type of a value, with whole numbers told apart. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isNumeric(value)) return isWholeNumber(value) ? 'integer' : 'number';
  return typeof value;
}

function isOfType(expected: readonly string[], actual: string): boolean {
  return expected.includes(actual) || (actual === 'integer' && expected.includes('number'));
}

function validateEnum({ schema, path, faults }: Step, value: unknown): void {
  const allowed = schema.enum;
  if (allowed === undefined || allowed.some((item) => deepEqual(item, value))) return;
  const texts = allowed.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  faults.push(notSupported(path, value, texts));
}

function validateList(step: Step, value: readonly unknown[]): void {
  const { schema, path, faults } = step;
  const { minItems, maxItems, items } = schema;
  if (maxItems !== undefined && value.length > maxItems) faults.push(tooMany(path, value.length, maxItems));
  if (minItems !== undefined && value.length < minItems)
    faults.push(invalid(path, value.length, `${path} in body should have at least ${minItems} items`));
  if (items !== undefined) value.forEach((item, index) => walk({ schema: items, path: `${path}[${index}]`, faults }, item));
  validateListType(step, value);
}

/** Items of a set differ, items of a map differ in their keys (apiextensions pkg/apiserver/schema/listtype). */
function validateListType({ schema, path, faults }: Step, value: readonly unknown[]): void {
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== 'set' && listType !== 'map') return;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const identity = listType === 'set' || !isRecord(item) ? item : Object.fromEntries(keys.map((key) => [key, item[key]]));
    const text = canonicalJson(identity);
    if (seen.has(text)) faults.push(duplicate(`${path}[${index}]`, identity));
    seen.add(text);
  }
}

function validateObject(step: Step, value: Record<string, unknown>): void {
  const { schema, path, faults } = step;
  const { minProperties, maxProperties } = schema;
  const keys = Object.keys(value);
  if (maxProperties !== undefined && keys.length > maxProperties) faults.push(tooMany(path, keys.length, maxProperties));
  if (minProperties !== undefined && keys.length < minProperties)
    faults.push(invalid(path, keys.length, `${path} in body should have at least ${minProperties} properties`));
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key) || value[key] === undefined) faults.push(required(memberPath(path, key)));
  }
  for (const key of keys) {
    const member = memberOf(schema, key);
    if (member !== undefined) walk({ schema: member, path: memberPath(path, key), faults }, value[key]);
  }
  if (isEmbeddedResource(schema)) validateEmbedded(step, value);
}

/** An object inside an object says what it is (apiextensions pkg/apiserver/schema/objectmeta). */
function validateEmbedded({ path, faults }: Step, value: Record<string, unknown>): void {
  for (const key of ['apiVersion', 'kind']) {
    const given = value[key];
    if (given === undefined || given === '') faults.push(required(memberPath(path, key), 'must not be empty'));
    else if (typeof given !== 'string') faults.push(typeInvalid(memberPath(path, key), given, 'must be a string'));
  }
  const { metadata } = value;
  if (metadata === undefined) return;
  for (const fault of checkAgainstSchema(OBJECT_META, metadata).errors) {
    const field = memberPath(path, 'metadata');
    faults.push(invalid(fault.field === '' ? field : `${field}.${fault.field}`, fault.value, fault.message));
  }
}

function validateJunctors({ schema, path, faults }: Step, value: unknown): void {
  const fits = (part: StructuralSchema): boolean => validateStructural(part, value, path).length === 0;
  const refuse = (why: string): void => void faults.push(invalid(path, '', `${JSON.stringify(path)} ${why}`));
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  for (const part of allOf) faults.push(...validateStructural(part, value, path));
  if (anyOf.length > 0 && !anyOf.some(fits)) refuse('must validate at least one schema (anyOf)');
  if (oneOf.length > 0) {
    const fitting = oneOf.filter(fits).length;
    if (fitting !== 1) refuse(`must validate one and only one schema (oneOf). Found ${fitting === 0 ? 'none' : `${fitting}`} valid`);
  }
  if (not !== undefined && fits(not)) refuse('must not validate the schema (not)');
}
