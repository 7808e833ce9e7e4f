import { memberSchema, resolveReference, type Schema } from '#api/schema/definitions.ts';
import { isNumeric, isRecord } from '#kit/json.ts';
import { findItemFault } from '../../../apply/item-faults.ts';

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
/** Characters of a value that a message repeats. */
const MAX_TOLD = 200;

/** Schemas of CustomResourceDefinitions may leave a part of an object to its writers. */
type OpenSchema = Schema & { readonly 'x-kubernetes-preserve-unknown-fields'?: boolean };

/** The first thing in a configuration that its schema can't hold, in upstream's words (structured-merge-diff typed/validate.go); undefined where there is none. */
export function typedFault(schema: Schema, value: unknown): string | undefined {
  return faultOf(schema, value, '') ?? findItemFault(schema, value, '');
}

function faultOf(given: Schema, value: unknown, path: string): string | undefined {
  const { name, schema } = resolveReference(given);
  if (schema.properties !== undefined || schema.type === 'object') return faultOfObject(schema, value, path);
  if (schema.type === 'array') return faultOfList(schema, value, path);
  if (name === QUANTITY || schema.format === 'int-or-string')
    return typeof value === 'string' || isNumeric(value) ? undefined : expected('any scalar', value, path);
  return faultOfScalar(schema.type, value, path);
}

function faultOfScalar(type: Schema['type'], value: unknown, path: string): string | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? undefined : expected('string', value, path);
    case 'integer':
    case 'number':
      return isNumeric(value) ? undefined : expected('numeric (int or float)', value, path);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : expected('boolean', value, path);
    default:
      return undefined;
  }
}

function faultOfObject(schema: OpenSchema, value: unknown, path: string): string | undefined {
  if (!isRecord(value)) return expected('map', value, path);
  const isOpen = schema.properties === undefined && schema.additionalProperties === undefined;
  for (const [key, member] of Object.entries(value)) {
    const known = memberSchema(schema, key);
    const at = `${path}.${key}`;
    const mayStay = isOpen || schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
    if (known === undefined && !mayStay) return `${at}: field not declared in schema`;
    const fault = known === undefined ? undefined : faultOf(known, member, at);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfList({ items }: Schema, value: unknown, path: string): string | undefined {
  if (!Array.isArray(value)) return expected('list', value, path);
  if (items === undefined) return undefined;
  for (const [index, item] of value.entries()) {
    const fault = faultOf(items, item, `${path}[${index}]`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function expected(what: string, value: unknown, path: string): string {
  return `${path}: expected ${what}, got ${told(value)}`;
}

function told(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  return text.length > MAX_TOLD ? `${text.slice(0, MAX_TOLD)}…` : text;
}
