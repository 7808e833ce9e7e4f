import { checkAgainstSchema } from '#api/schema/check.ts';
import { pruneUnknown } from '#api/schema/prune.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { badRequest } from '../../contract/status-error.ts';
import type { Exchange } from '../messages.ts';
import { readJsonBody } from '../write-body.ts';

/** A body whose types are those of `T`; whatever is required may still be missing. */
export type Sent<T> = { readonly [P in keyof T]?: T[P] | undefined };

/** Reads a body that is answered and not stored; fields that `schema` does not have are dropped. @throws ApiError 400, 413, 415 */
export async function readReview<T>(exchange: Exchange, schema: string): Promise<Sent<T>> {
  const kind = schema.slice(schema.lastIndexOf('.') + 1);
  const body = await readJsonBody(exchange);
  if (!isRecord(body?.value)) throw badRequest(`the request has no ${kind}: send one`);
  if (typeof body.value['kind'] === 'string' && body.value['kind'] !== kind) {
    throw badRequest(`the object provided is a ${JSON.stringify(body.value['kind'].slice(0, 100))}: send a ${kind}`);
  }
  const { errors } = checkAgainstSchema(schema, body.value);
  if (errors.length > 0) throw badRequest(`${kind} cannot be handled as a ${kind}: ${errors.map((fault) => fault.message).join(', ')}`);
  return trusted<Sent<T>>(pruneUnknown(schema, body.value));
}
