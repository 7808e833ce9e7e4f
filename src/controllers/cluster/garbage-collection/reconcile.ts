import { keyOf, type KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { hasCode } from '#kit/errors.ts';
import { Limiter } from '#kit/limiter.ts';
import type { Client } from '#machinery/client/client.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { removeFinalizer, removeOwners, unblockOwners } from './metadata-patches.ts';
import type { Item, OwnerGraph } from './owner-graph.ts';
import { observeOwners, readLive } from './owners.ts';
import { blocks, FOREGROUND_FINALIZER, isDeletingDependents, isOrphaningDependents, ORPHAN_FINALIZER, ownersOf } from './ownership.ts';
import { type Action, planDependent } from './plan.ts';

/** How often an object that waits for its dependents looks by itself; changes of theirs wake it at once. */
const WAITING_POLL_MS = 30_000;
/** Dependents that are set free at a time. */
const MAX_PATCHES = 16;

/** Does what the garbage collector owes one object: delete it, let it go, or see to its dependents. */
export async function reconcileItem(ctx: Ctx, graph: OwnerGraph, seen: Item): Promise<Outcome> {
  const { resource } = seen;
  const object = await readLive(ctx.client, resource, keyOf(seen.object));
  if (object === undefined) return done;
  const item: Item = { resource, object };
  if (isOrphaningDependents(object)) return orphanDependents(ctx, graph, item);
  if (isDeletingDependents(object)) return awaitDependents(ctx, graph, item);
  if (object.metadata.deletionTimestamp !== undefined) return done;
  const dependents = graph.dependentsOf(object.metadata.uid);
  const action = planDependent({
    owners: await observeOwners(ctx.client, graph, item),
    finalizers: object.metadata.finalizers ?? [],
    hasDependents: dependents.length > 0,
    hasWaitingDependents: dependents.some((dependent) => isDeletingDependents(dependent.object)),
  });
  await applyAction(ctx.client, item, action);
  return done;
}

async function applyAction(client: Client, item: Item, action: Action): Promise<void> {
  switch (action.do) {
    case 'keep':
      return;
    case 'release':
      return removeOwners(client, item, action.uids);
    case 'delete':
      // why the next look deletes: unblocking changes the version that the deletion stands on, and its event wakes the object again
      return action.unblocksOwners && isBlocking(item.object) ? unblockOwners(client, item) : deleteItem(client, item, action.propagation);
  }
}

function isBlocking(object: KubeObject): boolean {
  return ownersOf(object).some((owner) => owner.blockOwnerDeletion === true);
}

/** Deletes exactly what was read: whoever gets a new owner meanwhile stays. */
async function deleteItem(
  client: Client,
  { resource, object }: Item,
  propagation: Extract<Action, { do: 'delete' }>['propagation'],
): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  try {
    await client.delete(resource, keyOf(object), { uid, resourceVersion, propagation });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}

/** Deletes the dependents of a deleted object, and lets it go when none is left that blocks it. */
async function awaitDependents(ctx: Ctx, graph: OwnerGraph, item: Item): Promise<Outcome> {
  const { uid } = item.object.metadata;
  const dependents = graph.dependentsOf(uid);
  for (const dependent of dependents) if (dependent.object.metadata.deletionTimestamp === undefined) graph.wake(dependent);
  const blocking = dependents.filter((dependent) => blocks(dependent.object, uid));
  if (blocking.length > 0) return after(WAITING_POLL_MS, `waiting for the end of ${blocking.length} dependents`);
  await removeFinalizer(ctx.client, item, FOREGROUND_FINALIZER);
  return done;
}

/** Sets the dependents of a deleted object free, then lets it go. */
async function orphanDependents(ctx: Ctx, graph: OwnerGraph, item: Item): Promise<Outcome> {
  const limiter = new Limiter(MAX_PATCHES);
  const { uid } = item.object.metadata;
  for (const resource of graph.resources) {
    const dependents = await listDependents(ctx.client, resource, item);
    await Promise.all(dependents.map((dependent) => limiter.run(() => removeOwners(ctx.client, dependent, [uid]))));
  }
  await removeFinalizer(ctx.client, item, ORPHAN_FINALIZER);
  return done;
}

/** The dependents of `owner` of one kind, from the API itself: one that a cache does not show yet would be deleted afterwards, for want of its owner. */
async function listDependents(client: Client, resource: Resource, { resource: ownerKind, object: owner }: Item): Promise<readonly Item[]> {
  if (ownerKind.isNamespaced && !resource.isNamespaced) return [];
  const { namespace, uid } = owner.metadata;
  const { items } = await client.list(resource, namespace === undefined ? {} : { namespace });
  return items.filter((object) => ownersOf(object).some((reference) => reference.uid === uid)).map((object) => ({ resource, object }));
}
