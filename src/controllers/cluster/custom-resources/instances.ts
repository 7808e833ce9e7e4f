import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import { keyOf, type KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { hasCode } from '#kit/errors.ts';
import { Limiter } from '#kit/limiter.ts';
import type { Client } from '#machinery/client/client.ts';

/** Deletions under way at a time. */
const MAX_DELETIONS = 16;

/** The objects of an established definition. */
export async function observeInstances(client: Client, definition: CustomResourceDefinition): Promise<readonly KubeObject[]> {
  const resource = servedResource(definition);
  if (resource === undefined) return [];
  try {
    return (await client.list(resource)).items;
  } catch (thrown) {
    // why: the kind is not served, so nobody can have made any
    if (hasCode(thrown, 'NotFound')) return [];
    throw thrown;
  }
}

/** Deletes them all; what is gone or replaced already is no refusal. @throws the first refusal, when all were tried */
export async function deleteInstances(
  client: Client,
  definition: CustomResourceDefinition,
  instances: readonly KubeObject[],
): Promise<void> {
  const resource = servedResource(definition);
  if (resource === undefined) return;
  const limiter = new Limiter(MAX_DELETIONS);
  const refusals: unknown[] = [];
  await Promise.all(
    instances.map((object) =>
      limiter.run(async () => {
        try {
          await client.delete(resource, keyOf(object), { uid: object.metadata.uid, propagation: 'Background' });
        } catch (thrown) {
          if (!hasCode(thrown, 'NotFound', 'Aborted')) refusals.push(thrown);
        }
      }),
    ),
  );
  if (refusals.length > 0) throw refusals[0];
}

/** The resource in a version that is served; undefined where none is. */
export function servedResource({ spec, status }: Pick<CustomResourceDefinition, 'spec' | 'status'>): Resource | undefined {
  const version = spec.versions.find(({ served }) => served)?.name;
  const { kind, plural, listKind = `${kind}List`, singular = kind.toLowerCase() } = status?.acceptedNames ?? spec.names;
  if (version === undefined) return undefined;
  const isNamespaced = spec.scope === 'Namespaced';
  return { group: spec.group, version, kind, listKind, plural, singular, shortNames: [], categories: [], isNamespaced };
}
