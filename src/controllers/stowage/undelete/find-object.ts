import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { hasCode } from '#kit/errors.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';

/** The object as the API has it now; undefined where there is none. @throws ApiError */
export async function findObject<K extends KubeObject>(
  { client }: Pick<Ctx, 'client'>,
  resource: Resource<K>,
  key: ObjectKey,
): Promise<K | undefined> {
  try {
    return await client.get(resource, key);
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}
