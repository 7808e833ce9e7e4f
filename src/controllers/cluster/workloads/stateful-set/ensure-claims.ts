import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { type Draft, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { type ClaimHolder, planClaimOwners } from './claims.ts';
import { created, notCreated } from './events.ts';
import { claimDrafts, podName } from './identity.ts';

/** Claims of one pod of a set. */
export interface ClaimsOfPod extends ClaimHolder {
  readonly ordinal: number;
}

/** Makes the claims that the pod of that number uses and that are not there. False where one is going: the pod has to wait until it is gone. */
export async function ensureClaims(ctx: Ctx, claims: Informer<PersistentVolumeClaim>, one: ClaimsOfPod): Promise<boolean> {
  let areUsable = true;
  for (const draft of claimDrafts(one.set, one.ordinal)) {
    const there = claims.get({ namespace: draft.metadata.namespace ?? '', name: draft.metadata.name ?? '' });
    const claim = there ?? (await createClaim(ctx, one, draft));
    if (claim?.metadata.deletionTimestamp !== undefined) areUsable = false;
  }
  return areUsable;
}

/** Gives the claims of the pod of that number the owners that the set's retention policy asks for. */
export async function ensureClaimOwners(ctx: Ctx, claims: Informer<PersistentVolumeClaim>, one: ClaimsOfPod): Promise<void> {
  for (const draft of claimDrafts(one.set, one.ordinal)) {
    const claim = claims.get({ namespace: draft.metadata.namespace ?? '', name: draft.metadata.name ?? '' });
    const ownerReferences = claim === undefined ? undefined : planClaimOwners(claim, one);
    if (claim === undefined || ownerReferences === undefined) continue;
    const body = { metadata: { resourceVersion: claim.metadata.resourceVersion, ownerReferences } };
    try {
      await ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
    } catch (thrown) {
      if (!hasCode(thrown, 'NotFound')) throw thrown;
    }
  }
}

/** Undefined where it is there, and the cache does not know it yet. */
async function createClaim(ctx: Ctx, one: ClaimsOfPod, draft: Draft<PersistentVolumeClaim>): Promise<PersistentVolumeClaim | undefined> {
  const effect = { about: one.set, pod: podName(one.set, one.ordinal), claim: draft.metadata.name ?? '' };
  try {
    const claim = await ctx.client.create(persistentVolumeClaims, draft);
    ctx.events.record(created(effect));
    return claim;
  } catch (thrown) {
    if (hasCode(thrown, 'AlreadyExists')) return undefined;
    ctx.events.record(notCreated(effect, PlatformError.from(thrown).message));
    throw thrown;
  }
}
