import { hasCode } from '#kit/errors.ts';
import type { DeleteOptions } from '../../client/client.ts';
import type { ServerContext } from '../contract/context.ts';
import type { WriteRequest } from '../contract/request.ts';
import { deleteObject } from './delete.ts';
import { listObjects, type ListQuery } from './list.ts';
import type { ListPage } from '../contract/answers.ts';

/** Objects that are deleted at the same time: enough to share commits of the store, few enough to let others in between. */
const AT_A_TIME = 64;

/** Deletes everything that a list would show, one by one, and answers that list. Objects that are gone meanwhile are passed over. @throws ApiError */
export async function deleteCollection(
  ctx: ServerContext,
  request: WriteRequest,
  options: DeleteOptions & { readonly query: ListQuery },
): Promise<ListPage> {
  const { query, uid: _uid, resourceVersion: _version, ...each } = options;
  const page = listObjects(ctx, request, query);
  for (let start = 0; start < page.entries.length; start += AT_A_TIME) {
    const batch = page.entries.slice(start, start + AT_A_TIME);
    await Promise.all(batch.map((entry) => deleteOne(ctx, { ...request, ...entry.key }, each)));
  }
  return page;
}

async function deleteOne(ctx: ServerContext, request: WriteRequest, options: DeleteOptions): Promise<void> {
  try {
    await deleteObject(ctx, request, options);
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}
