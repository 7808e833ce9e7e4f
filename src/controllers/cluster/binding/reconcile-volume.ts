import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { BOUND_BY_CONTROLLER } from '#api/storage/names.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { ensureVolumePhase } from './bind.ts';
import { isCutOff, isGivenUp, planVolume } from './plan-volume.ts';

/** What the phases of volumes are told from. */
export interface VolumeView {
  readonly claims: Informer<PersistentVolumeClaim>;
  /** True where a reconcile is about to give the volume to a claim. */
  readonly isChosen: (volume: PersistentVolume) => boolean;
}

/** How soon a binding that is under way is looked at again, in milliseconds. */
const UNDER_WAY_MS = 1_000;

/** Sees that the phase of `volume` says how it stands, and that it is nobody's where its claim has another. */
export async function reconcileVolume(ctx: Ctx, { claims, isChosen }: VolumeView, volume: PersistentVolume): Promise<Outcome> {
  const seen = await observeClaim(ctx, claims, volume);
  const isAbandoned = isCutOff(volume, seen) && !isChosen(volume);
  // why asked again: the cache may not have what the last of the writes that bind has said
  const claim = isAbandoned ? await readClaim(ctx, volume) : seen;
  const plan = planVolume(volume, claim, { isAbandoned });
  if (plan.kind === 'leave' && isCutOff(volume, claim)) return after(UNDER_WAY_MS, 'the volume is being bound');
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
  return isGivenUp(volume) ? undefined : readClaim(ctx, volume);
}

/** The claim of the volume's claimRef as the API has it; undefined where it is gone. */
async function readClaim(ctx: Ctx, { spec: { claimRef: ref } }: PersistentVolume): Promise<PersistentVolumeClaim | undefined> {
  const key = { namespace: ref?.namespace ?? '', name: ref?.name ?? '' };
  try {
    const current = await ctx.client.get(persistentVolumeClaims, key);
    return current.metadata.uid === ref?.uid ? current : undefined;
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
