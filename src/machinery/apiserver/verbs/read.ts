import type { Entry } from '../../store/store.ts';
import type { ServerContext } from '../context.ts';
import { servedEntry } from '../objects/served-entry.ts';
import { type ApiRequest, storeKeyOf } from '../request.ts';
import { notFound } from '../status-error.ts';

/** The newest durable state of an object. @throws ApiError `NotFound` */
export function readObject(ctx: ServerContext, request: ApiRequest): Entry {
  const entry = ctx.store.get(storeKeyOf(request));
  if (entry === undefined) throw notFound(request.kind.resource, request.name);
  return servedEntry(request.kind, entry);
}
