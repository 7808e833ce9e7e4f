import type { Namespace } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { namespaces } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode, type PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { conditionsOf } from './conditions.ts';
import { applyDeletions, observeContents } from './content.ts';
import { CONTENT_FINALIZER, type Content, describeRemaining, isToBeEmptied, planDeletions, pollDelayMs } from './plan.ts';

/** Empties a namespace that is going, and lets it go when nothing is left in it. */
export async function reconcileNamespace(ctx: Ctx, resources: readonly Resource[], namespace: Namespace): Promise<Outcome> {
  if (!isToBeEmptied(namespace)) return done;
  let contents = await observeContents(ctx.client, namespace, resources);
  let failure: PlatformError | undefined;
  // why: twice, because what nothing holds is gone at once, and with the last pod the rest may go
  for (let round = 0; round < 2 && contents.length > 0 && failure === undefined; round += 1) {
    failure = await applyDeletions(ctx.client, planDeletions(contents));
    contents = await observeContents(ctx.client, namespace, resources);
  }
  if (contents.length === 0) {
    await finalize(ctx, namespace);
    return done;
  }
  await patchConditions(ctx, namespace, { contents, failure });
  if (failure !== undefined) throw failure;
  return after(pollDelayMs(namespace, ctx.clock.nowMs()), `waiting for the end of what remains: ${describeRemaining(contents)}`);
}

async function finalize(ctx: Ctx, namespace: Namespace): Promise<void> {
  const finalizers = (namespace.spec.finalizers ?? []).filter((finalizer) => finalizer !== CONTENT_FINALIZER);
  try {
    await ctx.client.update(namespaces, { ...namespace, spec: { ...namespace.spec, finalizers } }, { subresource: 'finalize' });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}

async function patchConditions(
  ctx: Ctx,
  namespace: Namespace,
  remains: { readonly contents: readonly Content[]; readonly failure: PlatformError | undefined },
): Promise<void> {
  const previous = namespace.status?.conditions;
  const conditions = conditionsOf(previous, {
    contents: remains.contents,
    failure: remains.failure?.message,
    now: formatTime(ctx.clock.nowMs()),
  });
  if (deepEqual(previous ?? [], conditions)) return;
  const body = { metadata: { resourceVersion: namespace.metadata.resourceVersion }, status: { conditions } };
  try {
    await ctx.client.patch(namespaces, { key: keyOf(namespace), patch: { type: 'merge', body } }, { subresource: 'status' });
  } catch (thrown) {
    // why: the conditions only tell; what went wrong with the content matters more, and a newer state brings this back
    ctx.log.debug('conditions not written', { err: thrown });
  }
}
