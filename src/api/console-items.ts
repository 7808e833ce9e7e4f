import { trusted } from '#kit/json.ts';
import type { KubeObject } from './meta/object.ts';
import type { Resource } from './meta/resource.ts';

/** The objects of a list of `resource`, with their type: the API validated them against that resource's schema before it stored them. */
export function trustedItems<K extends KubeObject>(_resource: Resource<K>, items: readonly KubeObject[]): readonly K[] {
  return trusted<readonly K[]>(items);
}

/** One object of a list of `resource`; see {@link trustedItems}. */
export function trustedItem<K extends KubeObject>(_resource: Resource<K>, item: KubeObject): K {
  return trusted<K>(item);
}
