import { apiVersionOf } from '#api/meta/resource.ts';
import { checkAgainstSchema } from '#api/schema/check.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { decodeObject, type Duplicate } from '../objects/decode-object.ts';
import type { BodyObject } from '../objects/json-object.ts';
import type { WriteRequest } from '../contract/request.ts';
import { badRequest } from '../contract/status-error.ts';
import { findItemFault } from './item-faults.ts';
import { schemaOfKind } from './shape.ts';

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
  const applied = decodeObject(request, value, { duplicates });
  if (applied.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  const fault = findItemFault(schemaOfKind(request.kind), applied, '');
  if (fault !== undefined) refuse(fault);
  // why not of the metadata: nulls there are what tools leave of fields that are the server's
  return trusted<BodyObject>({ ...trusted<object>(withNulls(applied, value)), metadata: applied.metadata });
}

/**
 * What decoding made of `sent`, with the nulls that it left out: a field that is applied as null is the applier's, and is to have no value
 * (structured-merge-diff `ToFieldSet` and `Merge`). Stored objects have none: what is merged is decoded again.
 */
function withNulls(decoded: unknown, sent: unknown): unknown {
  if (Array.isArray(decoded) && Array.isArray(sent) && decoded.length === sent.length)
    return decoded.map((item, index) => withNulls(item, sent[index]));
  if (!isRecord(decoded) || !isRecord(sent)) return decoded;
  const kept = Object.entries(decoded).map(([key, value]): [string, unknown] => [
    key,
    Object.hasOwn(sent, key) ? withNulls(value, sent[key]) : value,
  ]);
  const nulls = Object.entries(sent).filter(([key, value]) => value === null && !Object.hasOwn(decoded, key));
  return Object.fromEntries([...kept, ...nulls]);
}

function unknownFields({ kind }: WriteRequest, value: unknown): readonly string[] {
  return (kind.own === undefined ? checkAgainstSchema(kind.schema, value) : kind.own.read(value)).unknown;
}
