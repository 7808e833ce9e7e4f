import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { BOUND_BY_CONTROLLER } from '#api/storage/names.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { ensureVolumePhase } from './bind.ts';
import { isGivenUp, planVolume } from './plan-volume.ts';

/** Sees that the phase of `volume` says how it stands, and that it is nobody's where its claim has another. */
export async function reconcileVolume(ctx: Ctx, claims: Informer<PersistentVolumeClaim>, volume: PersistentVolume): Promise<Outcome> {
  const plan = planVolume(volume, await observeClaim(ctx, claims, volume));
  try {
    switch (plan.kind) {
      case 'leave':
        break;
      case 'phase':
        await ensureVolumePhase(ctx, volume, plan.phase);
        break;
      case 'complain':
        for (const event of plan.events) ctx.events.record(event);
        break;
      case 'unbind':
        await unbind(ctx, volume, plan.keepReservation);
        break;
      default:
        assertNever(plan);
    }
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
  return done;
}

/** The claim of the volume's claimRef; before it counts as gone, the API itself is asked: the cache may be behind. */
async function observeClaim(
  ctx: Ctx,
  claims: Informer<PersistentVolumeClaim>,
  volume: PersistentVolume,
): Promise<PersistentVolumeClaim | undefined> {
  const ref = volume.spec.claimRef;
  if (ref === undefined || (ref.uid ?? '') === '') return undefined;
  const key = { namespace: ref.namespace ?? '', name: ref.name ?? '' };
  const cached = claims.get(key);
  if (cached?.metadata.uid === ref.uid) return cached;
  if (isGivenUp(volume)) return undefined;
  try {
    const current = await ctx.client.get(persistentVolumeClaims, key);
    return current.metadata.uid === ref.uid ? current : undefined;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

async function unbind(ctx: Ctx, volume: PersistentVolume, keepReservation: 'none' | 'by-name'): Promise<void> {
  const { resourceVersion } = volume.metadata;
  const body =
    keepReservation === 'none'
      ? { metadata: { resourceVersion, annotations: { [BOUND_BY_CONTROLLER]: null } }, spec: { claimRef: null } }
      : { metadata: { resourceVersion }, spec: { claimRef: { uid: null, resourceVersion: null } } };
  const freed = await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
  await ensureVolumePhase(ctx, freed, 'Available');
}
