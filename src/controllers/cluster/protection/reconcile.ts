import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { addingFinalizer, isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, keyOf, type KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { PV_PROTECTION, PVC_PROTECTION } from '#api/storage/names.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { isVolumeInUse, keepsClaims, planProtection, type ProtectionPlan } from './plan.ts';
import type { PodLookup } from './pod-lookup.ts';

/** Keeps `claim` while a pod uses it. */
export async function reconcileClaimProtection(
  ctx: Ctx,
  claim: PersistentVolumeClaim,
  look: { readonly pods: Informer<Pod>; readonly lookup: PodLookup },
): Promise<Outcome> {
  const plan = planProtection(
    claim,
    PVC_PROTECTION,
    isDeleting(claim) && look.pods.byIndex('claim', formatKey(keyOf(claim))).some(keepsClaims),
  );
  if (plan === 'remove') {
    const used = await look.lookup.usedClaims(claim.metadata.namespace ?? '');
    // why: the informer will tell when that pod goes
    if (used.has(formatKey(keyOf(claim)))) return done;
  }
  return applyProtection(ctx, { resource: persistentVolumeClaims, object: claim, finalizer: PVC_PROTECTION, plan });
}

/** Keeps `volume` while it is bound. */
export function reconcileVolumeProtection(ctx: Ctx, volume: PersistentVolume): Promise<Outcome> {
  const plan = planProtection(volume, PV_PROTECTION, isVolumeInUse(volume));
  return applyProtection(ctx, { resource: persistentVolumes, object: volume, finalizer: PV_PROTECTION, plan });
}

interface Step<K extends KubeObject> {
  readonly resource: Resource<K>;
  readonly object: K;
  readonly finalizer: string;
  readonly plan: ProtectionPlan;
}

/** Does what the plan says of one protected object. */
export async function applyProtection<K extends KubeObject>(ctx: Ctx, { resource, object, finalizer, plan }: Step<K>): Promise<Outcome> {
  if (plan === 'leave' || plan === 'keep') return done;
  const body = plan === 'add' ? addingFinalizer(object, finalizer) : removingFinalizer(object, finalizer);
  try {
    await ctx.client.patch(resource, { key: keyOf(object), patch: { type: 'merge', body } });
  } catch (thrown) {
    // why: what is gone needs no protection
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
  return done;
}
