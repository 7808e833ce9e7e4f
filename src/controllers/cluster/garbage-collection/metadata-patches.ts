import { keyOf, type OwnerReference } from '#api/meta/object.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Item } from './owner-graph.ts';
import { ownersOf } from './ownership.ts';

/** Takes the references to `uids` out of an object. An object that is gone has none. @throws ApiError `Aborted` where it changed since it was read */
export async function removeOwners(client: Client, item: Item, uids: readonly string[]): Promise<void> {
  const kept = ownersOf(item.object).filter((owner) => !uids.includes(owner.uid));
  await patchOwners(client, item, kept);
}

/** Lets the owners of an object go before it. @throws ApiError `Aborted` where it changed since it was read */
export async function unblockOwners(client: Client, item: Item): Promise<void> {
  await patchOwners(
    client,
    item,
    ownersOf(item.object).map((owner) => ({ ...owner, blockOwnerDeletion: false })),
  );
}

/** Takes a finalizer away. An object that is gone has none. @throws ApiError `Aborted` where it changed since it was read */
export async function removeFinalizer(client: Client, item: Item, finalizer: string): Promise<void> {
  const finalizers = (item.object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  await patchMetadata(client, item, { finalizers });
}

async function patchOwners(client: Client, item: Item, owners: readonly OwnerReference[]): Promise<void> {
  await patchMetadata(client, item, { ownerReferences: owners.length === 0 ? null : owners });
}

async function patchMetadata(client: Client, { resource, object }: Item, change: object): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  const body = { metadata: { uid, resourceVersion, ...change } };
  try {
    await client.patch(resource, { key: keyOf(object), patch: { type: 'merge', body } });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}
