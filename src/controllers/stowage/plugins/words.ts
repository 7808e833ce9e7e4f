import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';

/** So many names stand in a sentence. */
export const MAX_NAMES = 5;

/** `a, b and c`, for sentences. */
export function inWords(names: readonly string[]): string {
  const last = names.at(-1) ?? 'none';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** Of `count` objects those that are named, of which there may be fewer: `3 volumesnapshots.snapshot.storage.k8s.io (shop/a, shop/b, shop/c)` */
export function objectsInWords(resource: Resource, objects: readonly KubeObject[], count = objects.length): string {
  const names = objects.map(({ metadata: { namespace, name } }) => (namespace === undefined ? name : `${namespace}/${name}`)).toSorted();
  const more = count > MAX_NAMES ? ', …' : '';
  return `${count} ${groupResourceOf(resource)} (${names.slice(0, MAX_NAMES).join(', ')}${more})`;
}
