import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';

/** So many names stand in a sentence. */
const MAX_NAMES = 5;

/** `a, b and c`, for sentences. */
export function inWords(names: readonly string[]): string {
  const last = names.at(-1) ?? 'none';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** `3 volumesnapshots.snapshot.storage.k8s.io (shop/a, shop/b, shop/c)` */
export function objectsInWords(resource: Resource, objects: readonly KubeObject[]): string {
  const names = objects.map(({ metadata: { namespace, name } }) => (namespace === undefined ? name : `${namespace}/${name}`)).toSorted();
  const more = names.length > MAX_NAMES ? ', …' : '';
  return `${names.length} ${groupResourceOf(resource)} (${names.slice(0, MAX_NAMES).join(', ')}${more})`;
}
