import type { CustomResourceDefinition, CustomResourceDefinitionStatus } from '#api/generated/kubernetes.ts';
import { CLEANUP_FINALIZER } from '#api/kinds/custom-resource-definition.ts';
import { conditionOf, isEstablished, NAMES_ACCEPTED } from '#api/kinds/definition-status.ts';
import { keyOf } from '#api/meta/object.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { deleteInstances, observeInstances } from './instances.ts';
import { planStatus, planTermination } from './plan.ts';

/** How often names that another definition has are tried again. */
const NAMES_POLL_MS = 10_000;
/** How often a look is taken at objects that their finalizers hold. */
const INSTANCES_POLL_MS = 1_000;

/** Decides the names of a definition and says that it is served, or empties it where it is deleted. */
export async function reconcileDefinition(ctx: Ctx, definition: CustomResourceDefinition): Promise<Outcome> {
  if (definition.metadata.deletionTimestamp !== undefined) return finalize(ctx, definition);
  // why not the cache: of two definitions that want one name, the second has to see that the first got it
  const { items } = await ctx.client.list(customResourceDefinitions);
  const current = items.find(({ metadata }) => metadata.uid === definition.metadata.uid);
  if (current === undefined || current.metadata.deletionTimestamp !== undefined) return done;
  const status = planStatus(current, { others: items.filter((item) => item !== current), now: formatTime(ctx.clock.nowMs()) });
  await patchStatus(ctx, current, status);
  if (conditionOf({ ...current, status }, NAMES_ACCEPTED)?.status === 'True') return done;
  return after(NAMES_POLL_MS, 'waiting for names that another definition has');
}

async function finalize(ctx: Ctx, definition: CustomResourceDefinition): Promise<Outcome> {
  const finalizers = definition.metadata.finalizers ?? [];
  if (!finalizers.includes(CLEANUP_FINALIZER)) return done;
  await patchStatus(ctx, definition, planTermination(definition, formatTime(ctx.clock.nowMs())));
  // why: without being established it never had objects of its own
  const instances = isEstablished(definition) ? await observeInstances(ctx.client, definition) : [];
  if (instances.length > 0) {
    await deleteInstances(ctx.client, definition, instances);
    const left = await observeInstances(ctx.client, definition);
    if (left.length > 0) return after(INSTANCES_POLL_MS, `waiting for the end of ${left.length} objects`);
  }
  const live = await readLive(ctx, definition);
  if (live === undefined) return done;
  const kept = (live.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
  const body = { metadata: { resourceVersion: live.metadata.resourceVersion, finalizers: kept.length === 0 ? null : kept } };
  await ignoreMissing(ctx.client.patch(customResourceDefinitions, { key: keyOf(live), patch: { type: 'merge', body } }));
  return done;
}

async function readLive(ctx: Ctx, definition: CustomResourceDefinition): Promise<CustomResourceDefinition | undefined> {
  const found = await ignoreMissing(ctx.client.get(customResourceDefinitions, keyOf(definition)));
  return found?.metadata.uid === definition.metadata.uid ? found : undefined;
}

async function patchStatus(ctx: Ctx, definition: CustomResourceDefinition, status: CustomResourceDefinitionStatus): Promise<void> {
  if (deepEqual(definition.status, status)) return;
  const { resourceVersion, uid } = definition.metadata;
  const body = { metadata: { resourceVersion, uid }, status };
  await ignoreMissing(
    ctx.client.patch(customResourceDefinitions, { key: keyOf(definition), patch: { type: 'merge', body } }, { subresource: 'status' }),
  );
}

async function ignoreMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}
