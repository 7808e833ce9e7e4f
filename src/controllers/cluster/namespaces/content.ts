import type { Namespace } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { Limiter } from '#kit/limiter.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Content, Deletion } from './plan.ts';

/** Deletions under way at a time, per namespace. */
const MAX_DELETIONS = 16;

/** Lists what `namespace` holds of each of `resources`; kinds of which it holds nothing are left out. */
export async function observeContents(client: Client, namespace: Namespace, resources: readonly Resource[]): Promise<readonly Content[]> {
  const contents: Content[] = [];
  for (const resource of resources) {
    const { items } = await client.list(resource, { namespace: namespace.metadata.name });
    if (items.length > 0) contents.push({ resource, objects: items });
  }
  return contents;
}

/** Deletes what it is told, everything even where something is refused; answers the first refusal. What is gone or replaced already is no refusal. */
export async function applyDeletions(client: Client, deletions: readonly Deletion[]): Promise<PlatformError | undefined> {
  const limiter = new Limiter(MAX_DELETIONS);
  const refusals: PlatformError[] = [];
  await Promise.all(
    deletions.map(({ resource, object }) =>
      limiter.run(async () => {
        try {
          await client.delete(resource, keyOf(object), { uid: object.metadata.uid, propagation: 'Background' });
        } catch (thrown) {
          if (!hasCode(thrown, 'NotFound', 'Aborted')) refusals.push(PlatformError.from(thrown));
        }
      }),
    ),
  );
  return refusals[0];
}
