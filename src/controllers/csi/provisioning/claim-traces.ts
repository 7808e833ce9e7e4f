import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { addingFinalizer, hasFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKeyOf, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { refusedNodesOf, selectedNodeOf } from '#api/storage/claim.ts';
import { IN_FLIGHT_FINALIZER, provisionedNameOf, REFUSED_NODES, SELECTED_NODE } from '#api/storage/names.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import type { DriverLadder } from '../driver-work/ladder.ts';
import type { CallHistory } from './call-history.ts';

/** What is known of claims in flight, beside what they say themselves. */
export interface ClaimsInFlight {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly ladder: DriverLadder;
  readonly history: CallHistory;
}

/** A merge patch of the claim. */
export function patchClaim(ctx: Ctx, claim: PersistentVolumeClaim, body: object): Promise<PersistentVolumeClaim> {
  return ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
}

/** Puts the trace on the claim: from here on a volume may exist for it. */
export async function markInFlight(ctx: Ctx, claim: PersistentVolumeClaim): Promise<PersistentVolumeClaim> {
  return hasFinalizer(claim, IN_FLIGHT_FINALIZER) ? claim : patchClaim(ctx, claim, addingFinalizer(claim, IN_FLIGHT_FINALIZER));
}

/** Takes the trace off, as the claim is now: no volume exists for it. */
export async function dropTrace(ctx: Ctx, flight: ClaimsInFlight, claim: PersistentVolumeClaim): Promise<void> {
  const current = flight.claims.get(keyOf(claim));
  if (current?.metadata.uid === claim.metadata.uid) await patchClaim(ctx, current, removingFinalizer(current, IN_FLIGHT_FINALIZER));
  // why last: where somebody else wrote to the claim meanwhile, what is known is needed once more
  forgetFlight(flight, claim);
}

/** True where the claim has its PersistentVolume. Asks the API: the cache may not have one that an earlier try has written. */
export async function isPublished(ctx: Ctx, claim: PersistentVolumeClaim): Promise<boolean> {
  try {
    await ctx.client.get(persistentVolumes, { namespace: '', name: provisionedNameOf(claim.metadata.uid) });
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}

/** Nothing is in flight for the claim any more, or what is does not matter. */
export function forgetFlight({ ladder, history }: ClaimsInFlight, claim: PersistentVolumeClaim): void {
  ladder.forget(formatKeyOf(claim));
  history.forget(claim.metadata.uid);
}

/** Takes the choice of a node back: the scheduler is to choose again, another one where it can. */
export async function reschedule(ctx: Ctx, claim: PersistentVolumeClaim): Promise<void> {
  const { resourceVersion } = claim.metadata;
  const [refused, node] = [refusedNodesOf(claim), selectedNodeOf(claim)];
  // why anew once it comes round again: by then each of the others has refused too
  const refusals = refused.includes(node) ? [node] : [...refused, node];
  await patchClaim(ctx, claim, {
    metadata: { resourceVersion, annotations: { [SELECTED_NODE]: null, [REFUSED_NODES]: refusals.join(',') } },
  });
}
