import { keyOf, type KubeObject, type ObjectKey, type OwnerReference } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Item, OwnerGraph } from './owner-graph.ts';
import { isDeletingDependents, ownersOf } from './ownership.ts';
import type { ObservedOwner } from './plan.ts';

/** Reads an object from the API itself; undefined where it is not there. */
export async function readLive(client: Client, resource: Resource, key: ObjectKey): Promise<KubeObject | undefined> {
  try {
    return await client.get(resource, key);
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

/** The state of each owner of `dependent`, read from the API itself: nothing is deleted because a cache is behind. */
export async function observeOwners(client: Client, graph: OwnerGraph, dependent: Item): Promise<readonly ObservedOwner[]> {
  const observed: ObservedOwner[] = [];
  for (const owner of ownersOf(dependent.object))
    observed.push({ uid: owner.uid, state: await stateOf(client, graph, { dependent, owner }) });
  return observed;
}

async function stateOf(
  client: Client,
  graph: OwnerGraph,
  { dependent, owner }: { readonly dependent: Item; readonly owner: OwnerReference },
): Promise<ObservedOwner['state']> {
  const resource = graph.resourceOf(owner);
  // why solid: what can't be looked up can't be known to be gone; so a kind that is not served, and an owner in a namespace for an object in none
  if (resource === undefined || (resource.isNamespaced && !dependent.resource.isNamespaced)) return 'solid';
  const { namespace } = keyOf(dependent.object);
  const found = await readLive(client, resource, { namespace: resource.isNamespaced ? namespace : '', name: owner.name });
  if (found === undefined || found.metadata.uid !== owner.uid) return 'absent';
  return isDeletingDependents(found) ? 'waiting' : 'solid';
}
