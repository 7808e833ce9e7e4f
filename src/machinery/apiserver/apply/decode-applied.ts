import { apiVersionOf } from '#api/meta/resource.ts';
import { checkAgainstSchema } from '#api/schema/check.ts';
import type { Schema } from '#api/schema/definitions.ts';
import { isRecord } from '#kit/json.ts';
import { decodeObject, type Duplicate } from '../objects/decode-object.ts';
import type { BodyObject } from '../objects/json-object.ts';
import type { WriteRequest } from '../request.ts';
import { badRequest } from '../status-error.ts';
import { formatElement } from './path-element.ts';
import { type Items, schemaOfKind, shapeOf } from './shape.ts';

/** A parsed body, and the paths of keys that stood in it more than once. */
export interface AppliedBody {
  readonly value: unknown;
  readonly duplicates: readonly Duplicate[];
}

/**
 * The configuration that a client applies. Stricter than other bodies: a field that the schema does not know can have no owner, so it is always refused.
 * @throws ApiError 400 in upstream's words (managedfields internal/structuredmerge.go)
 */
export function decodeApplied(request: WriteRequest, { value, duplicates }: AppliedBody): BodyObject {
  const { resource } = request.kind;
  if (!isRecord(value)) throw badRequest('an applied configuration is one object: send the fields that are to be yours');
  const expected = apiVersionOf(resource);
  const given = typeof value['apiVersion'] === 'string' ? value['apiVersion'] : '';
  if (given !== expected)
    throw badRequest(`Incorrect version specified in apply patch. Specified patch version: ${given}, expected: ${expected}`);
  const refuse = (why: string): never => {
    const name = `${request.namespace}/${request.name}; ${resource.group}/${resource.version}, Kind=${resource.kind}`;
    throw badRequest(`failed to create typed patch object (${name}): ${why}`);
  };
  const unknown = unknownFields(request, value).map((field) => `.${field}: field not declared in schema`);
  if (unknown.length > 0) refuse(unknown.length === 1 ? (unknown[0] ?? '') : `errors:\n  ${unknown.join('\n  ')}`);
  const applied = decodeObject(request, value, duplicates);
  if (applied.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  const fault = findFault(schemaOfKind(request.kind), applied, '');
  if (fault !== undefined) refuse(fault);
  return applied;
}

function unknownFields({ kind }: WriteRequest, value: unknown): readonly string[] {
  return (kind.own === undefined ? checkAgainstSchema(kind.schema, value) : kind.own.read(value)).unknown;
}

/** The first item of a list that can't be told apart from the others. */
function findFault(schema: Schema | undefined, value: unknown, path: string): string | undefined {
  const shape = shapeOf(schema, value);
  if (shape.type === 'members' && isRecord(value)) {
    for (const [key, member] of Object.entries(value)) {
      const fault = findFault(shape.schemaOf(key), member, `${path}.${key}`);
      if (fault !== undefined) return fault;
    }
  }
  return shape.type === 'items' && Array.isArray(value) ? findFaultOfItems(shape, value, path) : undefined;
}

function findFaultOfItems(shape: Items, list: readonly unknown[], path: string): string | undefined {
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const element = shape.elementOf(item);
    if (element === undefined) return `${path}: element ${index}: ${missingKey(shape, item)}`;
    if (seen.has(element)) return `${path}: duplicate entries for key ${formatElement(element)}`;
    seen.add(element);
    const fault = findFault(shape.item, item, path + formatElement(element));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function missingKey({ keys, elementOf }: Items, item: unknown): string {
  if (!isRecord(item) || keys.length === 0) return 'associative list without keys has an element that is no scalar';
  const missing = keys.find((key) => item[key] === undefined && elementOf({ ...withKeys(keys), ...item, [key]: undefined }) === undefined);
  return `associative list with keys has an element that omits key field ${JSON.stringify(missing ?? keys[0])} (and doesn't have default value)`;
}

function withKeys(keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, key]));
}
