import { keyOf, type KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { hasCode } from '#kit/errors.ts';
import { deepEqual, isRecord } from '#kit/json.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';

/** Writes `status` whole, where it differs; what `object` was read with must still hold. An object that is gone needs none. */
export async function writeStatus<S, K extends KubeObject & { readonly status?: S | undefined }>(
  ctx: Ctx,
  resource: Resource<K>,
  { object, status }: { readonly object: K; readonly status: S },
): Promise<void> {
  if (deepEqual(object.status ?? {}, status)) return;
  const body = { metadata: { resourceVersion: object.metadata.resourceVersion }, status: mergePatchOf(object.status, status) };
  try {
    await ctx.client.patch(resource, { key: keyOf(object), patch: { type: 'merge', body } }, { subresource: 'status' });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}

/** `next`, with null for what it does not have any more. */
function mergePatchOf(previous: unknown, next: unknown): unknown {
  if (!isRecord(previous) || !isRecord(next)) return next;
  const gone = Object.keys(previous).filter((key) => next[key] === undefined);
  return Object.fromEntries([
    ...gone.map((key) => [key, null]),
    ...Object.entries(next).map(([key, value]) => [key, mergePatchOf(previous[key], value)]),
  ]);
}
