import type { PersistentVolume, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { addingFinalizer, hasFinalizer, isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { DELETION_SECRET_NAME, DELETION_SECRET_NAMESPACE, PROVISIONER_FINALIZER } from '#api/storage/names.ts';
import { assertNever } from '#kit/assert-never.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import type { Attempts } from '../driver-work/attempts.ts';
import { grpcText } from '../driver-work/driver-answers.ts';
import type { ConnectedDrivers } from '../driver-work/drivers.ts';
import { readSecret } from '../driver-work/read-secret.ts';
import { migrated } from '../../migrated-volume.ts';
import { deleteFailed } from './events.ts';
import { planReclaim, type ReclaimPlan } from './plan.ts';
import { recycle, removeRecyclers } from './recycle.ts';

/** What reclaiming looks at and works with. */
export interface ReclaimParts {
  readonly attachments: Informer<VolumeAttachment>;
  /** Pods, with the index `recycledVolume`. */
  readonly pods: Informer<Pod>;
  /** Directories of this machine that the platform lives from. */
  readonly keptPaths: readonly string[];
  readonly drivers: ConnectedDrivers;
  /** How long one DeleteVolume may take. */
  readonly timeoutMs: number;
  readonly attempts: Attempts;
}

/** What stands in the way of a deletion is looked at this often, beside the wake-ups by what changes. */
const OBSTACLE_POLL_MS = 30_000;
/** Tries to take a finalizer off while others write to the same object. */
const MAX_FINALIZER_TRIES = 5;

/** Does with one volume what its reclaim policy says. */
export async function reconcileReclaim(ctx: Ctx, parts: ReclaimParts, volume: PersistentVolume): Promise<Outcome> {
  const attachment = parts.attachments.byIndex('volume', volume.metadata.name)[0];
  const { keptPaths } = parts;
  const plan = planReclaim(migrated(volume), { connected: parts.drivers.names(), attachedTo: attachment?.spec.nodeName, keptPaths });
  try {
    return await applyPlan(ctx, parts, { volume, plan });
  } catch (thrown) {
    // why: the volume is gone, which is where this was to lead
    if (hasCode(thrown, 'NotFound')) return done;
    throw thrown;
  }
}

async function applyPlan(
  ctx: Ctx,
  parts: ReclaimParts,
  step: { readonly volume: PersistentVolume; readonly plan: ReclaimPlan },
): Promise<Outcome> {
  const { volume, plan } = step;
  if (plan.kind !== 'recycle') await removeRecyclers(ctx, parts.pods.byIndex('recycledVolume', volume.metadata.name));
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'addFinalizer':
      await patchVolume(ctx, volume, addingFinalizer(volume, PROVISIONER_FINALIZER));
      return done;
    case 'removeFinalizer':
      await patchVolume(ctx, volume, removingFinalizer(volume, PROVISIONER_FINALIZER));
      return done;
    case 'wait':
      ctx.events.record(plan.event);
      return after(OBSTACLE_POLL_MS, plan.event.message);
    case 'fail':
      await markFailed(ctx, volume, plan.event);
      return done;
    case 'recycle':
      return recycleVolume(ctx, parts, { volume, plan });
    case 'delete':
      return deleteVolume(ctx, parts, { volume, plan });
    default:
      return assertNever(plan);
  }
}

async function recycleVolume(
  ctx: Ctx,
  parts: ReclaimParts,
  { volume, plan }: { readonly volume: PersistentVolume; readonly plan: Extract<ReclaimPlan, { kind: 'recycle' }> },
): Promise<Outcome> {
  // why: a phase is only a word that anybody may have written; data is removed when the claim is really gone
  if (await hasClaim(ctx, volume)) return after(OBSTACLE_POLL_MS, 'the claim still exists');
  return recycle(ctx, parts.pods, { volume, source: plan.source, fail: (event) => markFailed(ctx, volume, event) });
}

async function deleteVolume(
  ctx: Ctx,
  parts: ReclaimParts,
  step: { readonly volume: PersistentVolume; readonly plan: Extract<ReclaimPlan, { kind: 'delete' }> },
): Promise<Outcome> {
  const { volume, plan } = step;
  const driver = parts.drivers.find(plan.driverName);
  if (driver === undefined) return after(OBSTACLE_POLL_MS, 'waiting for the driver');
  const { name, uid } = volume.metadata;
  const waitMs = parts.attempts.waitMs(name, { claimUid: uid, wish: 'delete' });
  if (waitMs > 0) return after(waitMs, 'waiting before the next try');
  // why: a phase is only a word that anybody may have written; data is deleted when the claim is really gone
  if (await hasClaim(ctx, volume)) return after(OBSTACLE_POLL_MS, 'the claim still exists');
  try {
    const deletionSecrets = await readDeletionSecrets(ctx, volume);
    const call = { timeoutMs: parts.timeoutMs, signal: ctx.signal };
    await driver.controller.deleteVolume({ volumeId: plan.volumeId, ...deletionSecrets }, call);
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown;
    ctx.events.record(deleteFailed(volume, grpcText(thrown)));
    return after(parts.attempts.failed(name, { claimUid: uid, wish: 'delete', isInfeasible: false }), 'waiting before the next try');
  }
  parts.attempts.forget(name);
  await forgetVolume(ctx, volume);
  return done;
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

/** True where the claim of the claimRef exists and has this volume, or has yet to choose one. */
async function hasClaim(ctx: Ctx, volume: PersistentVolume): Promise<boolean> {
  const ref = volume.spec.claimRef;
  if (ref === undefined) return false;
  try {
    const claim = await ctx.client.get(persistentVolumeClaims, { namespace: ref.namespace ?? '', name: ref.name ?? '' });
    const { volumeName = '' } = claim.spec;
    return claim.metadata.uid === ref.uid && (volumeName === '' || volumeName === volume.metadata.name);
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}

/** The secret that the volume's annotations name. A missing one does not stop the deletion (external-provisioner). */
async function readDeletionSecrets(ctx: Ctx, volume: PersistentVolume): Promise<{ readonly secrets?: Readonly<Record<string, string>> }> {
  const annotations = volume.metadata.annotations ?? {};
  const key = { namespace: annotations[DELETION_SECRET_NAMESPACE] ?? '', name: annotations[DELETION_SECRET_NAME] ?? '' };
  if (key.name === '' || key.namespace === '') return {};
  try {
    return { secrets: await readSecret(ctx.client, key) };
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return {};
    throw thrown;
  }
}

async function markFailed(ctx: Ctx, volume: PersistentVolume, event: EventDraft): Promise<void> {
  const body = {
    metadata: { resourceVersion: volume.metadata.resourceVersion },
    status: { phase: 'Failed', reason: event.reason, message: event.message, lastPhaseTransitionTime: formatTime(ctx.clock.nowMs()) },
  };
  await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } }, { subresource: 'status' });
  ctx.events.record(event);
}

function patchVolume(ctx: Ctx, volume: PersistentVolume, body: object): Promise<PersistentVolume> {
  return ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
}
