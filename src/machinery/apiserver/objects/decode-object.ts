import { apiVersionOf } from '#api/meta/resource.ts';
import { checkAgainstSchema } from '#api/schema/check.ts';
import { pruneUnknown } from '#api/schema/prune.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { WriteRequest } from '../request.ts';
import { badRequest } from '../status-error.ts';
import type { BodyObject } from './json-object.ts';

/**
 * A body as an object of the request's kind: types checked, unknown fields refused, warned of or dropped as the request asks. Shares no structure with `body`.
 * `duplicates` are the paths of keys that stood in the text more than once.
 * @throws ApiError `InvalidArgument` in upstream's decoding words
 */
export function decodeObject(request: WriteRequest, body: unknown, duplicates: readonly string[] = []): BodyObject {
  const { resource, schema } = request.kind;
  const refuse = (why: string): never => {
    throw badRequest(
      `${resource.kind} in version ${JSON.stringify(apiVersionOf(resource))} cannot be handled as a ${resource.kind}: ${why}`,
    );
  };
  const { errors, unknown } = checkAgainstSchema(schema, body);
  if (errors.length > 0) refuse(errors.map((fault) => fault.message).join(', '));
  const remarks = [
    ...unknown.map((field) => `unknown field ${JSON.stringify(field)}`),
    ...duplicates.map((field) => `duplicate field ${JSON.stringify(field)}`),
  ];
  if (remarks.length > 0 && request.fieldValidation === 'Strict') refuse(`strict decoding error: ${remarks.join(', ')}`);
  if (request.fieldValidation === 'Warn') remarks.forEach((remark) => request.warn(remark));
  const object = pruneUnknown(schema, body);
  return trusted<BodyObject>(isRecord(object) && isRecord(object['metadata']) ? object : { ...trusted<object>(object), metadata: {} });
}
