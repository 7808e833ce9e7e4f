import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { PROVISIONER_FINALIZER } from '#api/storage/names.ts';
import { hasCode } from '#kit/errors.ts';
import { after, type Ctx, done } from '#machinery/runtime/controller.ts';
import { DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import { tryAgain } from '../driver-work/ladder.ts';
import type { DriverSteps } from '../driver-work/steps.ts';
import { deleteVolume, type DeletionWork, requestDeletion } from './delete-volume.ts';
import { deleteFailed } from './events.ts';

/** What stands in the way of a deletion is looked at this often, beside the wake-ups by what changes. */
export const OBSTACLE_POLL_MS = 30_000;
/** Tries to take a finalizer off while others write to the same object. */
const MAX_FINALIZER_TRIES = 5;

/** How a volume is deleted. */
export function deletionSteps(): DriverSteps<DeletionWork> {
  return {
    operation: 'volume_delete',
    infeasible: new Set(),
    // why nothing: who has made volumes deletes them
    capabilities: new DriverCapabilities(async () => undefined),
    // why without a word: the plan has said it, and the driver left between the plan and here
    away: () => after(OBSTACLE_POLL_MS, 'waiting for the driver'),
    prepare: async (ctx, order) =>
      // why: a phase is only a word that anybody may have written; data is deleted when the claim is really gone
      (await hasClaim(ctx, order.volume)) ? { kind: 'stop', outcome: claimExists } : { kind: 'ready', order },
    request: requestDeletion,
    send: deleteVolume,
    finish: async (ctx, { volume }) => {
      await forgetVolume(ctx, volume);
      return done;
    },
    fail: async (ctx, { volume }, { problem }) => {
      ctx.events.record(deleteFailed(volume, problem));
      return tryAgain;
    },
  };
}

/** Its data stays. */
export const claimExists = after(OBSTACLE_POLL_MS, 'the claim still exists');

/** True where the claim of the claimRef exists and has this volume, or has yet to choose one, which can't be a volume that is being deleted. */
export async function hasClaim(ctx: Ctx, volume: PersistentVolume): Promise<boolean> {
  const ref = volume.spec.claimRef;
  if (ref === undefined) return false;
  try {
    const claim = await ctx.client.get(persistentVolumeClaims, { namespace: ref.namespace ?? '', name: ref.name ?? '' });
    const { volumeName = '' } = claim.spec;
    return claim.metadata.uid === ref.uid && (volumeName === volume.metadata.name || (volumeName === '' && !isDeleting(volume)));
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}

/** Deletes the object, then takes off the finalizer that kept it while its backend was there. A stop in between deletes a backend that is gone, which is fine. */
async function forgetVolume(ctx: Ctx, volume: PersistentVolume): Promise<void> {
  if (!isDeleting(volume)) await ctx.client.delete(persistentVolumes, keyOf(volume), { uid: volume.metadata.uid });
  for (let attempt = 1; ; attempt += 1) {
    const current = await ctx.client.get(persistentVolumes, keyOf(volume));
    if (current.metadata.uid !== volume.metadata.uid || !hasFinalizer(current, PROVISIONER_FINALIZER)) return;
    try {
      await patchVolume(ctx, current, removingFinalizer(current, PROVISIONER_FINALIZER));
      return;
    } catch (thrown) {
      // why: protection takes its own finalizer off at the same moment; starting over would ask the driver once more
      if (!hasCode(thrown, 'Aborted') || attempt === MAX_FINALIZER_TRIES) throw thrown;
    }
  }
}

/** A merge patch of the volume. */
export function patchVolume(ctx: Ctx, volume: PersistentVolume, body: object): Promise<PersistentVolume> {
  return ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
}
