import { deepEqual, isNumeric, isRecord, isWholeNumber } from '#kit/json.ts';
import { invalid, notSupported, required, tooMany, typeInvalid } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { previousItems } from './previous-items.ts';
import { isIntOrString, memberOf, memberPath, type StructuralSchema } from './schema.ts';
import { validateEmbedded, validateLists } from './validate-invariants.ts';
import { validateNumber, validateText } from './validate-scalar.ts';

/** Most faults of an object that are told. */
const MAX_FAULTS = 100;

/**
 * Faults of `value` by `schema`, in the words of kube-openapi's validator. `path` is where the value stands; `''` = a whole object.
 * With a `previous` value the check ratchets: what was wrong before and did not change is no fault (KEP-4008).
 */
export function validateStructural(
  schema: StructuralSchema,
  value: unknown,
  { path = '', previous }: { readonly path?: string; readonly previous?: unknown } = {},
): readonly FieldError[] {
  const hadListFaults = previous !== undefined && validateLists(schema, previous, path).length > 0;
  return [
    ...validateValues({ schema, path, previous }, value),
    ...validateEmbedded(schema, value, path),
    ...(hadListFaults ? [] : validateLists(schema, value, path)),
  ];
}

function validateValues(place: Omit<Step, 'faults'>, value: unknown): readonly FieldError[] {
  const faults: FieldError[] = [];
  walk({ ...place, faults }, value);
  return faults;
}

interface Step {
  readonly schema: StructuralSchema;
  readonly path: string;
  /** The value before; undefined where there is none that it could be told from. */
  readonly previous: unknown;
  readonly faults: FieldError[];
}

function walk(step: Step, value: unknown): void {
  const { previous, faults } = step;
  if (faults.length >= MAX_FAULTS || value === undefined) return;
  if (previous === undefined) return walkAsNew(step, value);
  const found: FieldError[] = [];
  walkAsNew({ ...step, faults: found }, value);
  if (found.length > 0 && !deepEqual(value, previous)) faults.push(...found);
}

function walkAsNew(step: Step, value: unknown): void {
  const { schema, path, faults } = step;
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
  if (items === undefined) return;
  const find = previousItems(schema, step.previous);
  value.forEach((item, index) => walk({ schema: items, path: `${path}[${index}]`, previous: find(item), faults }, item));
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
    if (member !== undefined)
      walk({ schema: member, path: memberPath(path, key), previous: previousMember(step, key), faults }, value[key]);
  }
}

/** The member before; of a whole object not what names its version, which is another before and after a conversion. */
function previousMember({ previous, path }: Step, key: string): unknown {
  if (!isRecord(previous) || !Object.hasOwn(previous, key)) return undefined;
  return path === '' && (key === 'apiVersion' || key === 'kind') ? undefined : previous[key];
}

function validateJunctors({ schema, path, faults }: Step, value: unknown): void {
  const fits = (part: StructuralSchema): boolean => validateValues({ schema: part, path, previous: undefined }, value).length === 0;
  const refuse = (why: string): void => void faults.push(invalid(path, '', `${JSON.stringify(path)} ${why}`));
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  for (const part of allOf) faults.push(...validateValues({ schema: part, path, previous: undefined }, value));
  if (anyOf.length > 0 && !anyOf.some(fits)) refuse('must validate at least one schema (anyOf)');
  if (oneOf.length > 0) {
    const fitting = oneOf.filter(fits).length;
    if (fitting !== 1) refuse(`must validate one and only one schema (oneOf). Found ${fitting === 0 ? 'none' : `${fitting}`} valid`);
  }
  if (not !== undefined && fits(not)) refuse('must not validate the schema (not)');
}
