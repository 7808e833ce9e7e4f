import type { Entry } from '../../store/store.ts';
import type { ServerContext } from '../contract/context.ts';
import { servedEntry } from '../objects/served-entry.ts';
import { type ApiRequest, storeKeyOf } from '../contract/request.ts';
import { notFound, versionInFuture } from '../contract/status-error.ts';
import { parseResourceVersion } from './resource-version.ts';

/** @throws ApiError 504 where a client asks for a version that does not exist yet; 400 */
export function requireReached({ store }: ServerContext, resourceVersion: string | undefined): void {
  const revision = parseResourceVersion(resourceVersion) ?? 0;
  if (revision > store.revision) throw versionInFuture(revision, store.revision);
}

/** The newest durable state of an object. @throws ApiError `NotFound` */
export function readObject(ctx: ServerContext, request: ApiRequest): Entry {
  const entry = ctx.store.get(storeKeyOf(request));
  if (entry === undefined) throw notFound(request.kind.resource, request.name);
  return servedEntry(request.kind, entry);
}
