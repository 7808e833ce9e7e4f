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
  const more = count > MAX_NAMES ? ', …' : '';
  return `${count} ${groupResourceOf(resource)} (${firstNames(objects).join(', ')}${more})`;
}

/** The first names in order. Without sorting all: there may be 100,000, and they are looked at again and again. */
function firstNames(objects: readonly KubeObject[]): readonly string[] {
  let first: string[] = [];
  for (const { metadata } of objects) {
    const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
    if (first.length === MAX_NAMES && name >= (first.at(-1) ?? '')) continue;
    first = [...first, name].toSorted().slice(0, MAX_NAMES);
  }
  return first;
}
