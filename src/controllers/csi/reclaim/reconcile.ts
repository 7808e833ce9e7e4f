import type { PersistentVolume, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { addingFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumes } from '#api/resources.ts';
import { PROVISIONER_FINALIZER } from '#api/storage/names.ts';
import { isTranslated } from '#api/storage/in-tree/translate-volume.ts';
import { assertNever } from '#kit/assert-never.ts';
import { formatTime } from '#kit/clock.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import type { ConnectedDrivers } from '../driver-work/drivers.ts';
import { type DriverLadder, untilGone } from '../driver-work/ladder.ts';
import type { DriverSteps } from '../driver-work/steps.ts';
import { migrated } from '../../migrated-volume.ts';
import type { DeletionWork } from './delete-volume.ts';
import { claimExists, hasClaim, OBSTACLE_POLL_MS, patchVolume } from './deletion-steps.ts';
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
  readonly ladder: DriverLadder;
  readonly steps: DriverSteps<DeletionWork>;
}

/** Does with one volume what its reclaim policy says. */
export async function reconcileReclaim(ctx: Ctx, parts: ReclaimParts, volume: PersistentVolume): Promise<Outcome> {
  const attachment = parts.attachments.byIndex('volume', volume.metadata.name)[0];
  const { keptPaths } = parts;
  const known = migrated(volume);
  const plan = planReclaim(known, { connected: parts.drivers.names(), attachedTo: attachment?.spec.nodeName, keptPaths });
  return untilGone(() => applyPlan(ctx, parts, { volume, plan, isMigrated: isTranslated(known) }));
}

async function applyPlan(
  ctx: Ctx,
  parts: ReclaimParts,
  step: { readonly volume: PersistentVolume; readonly plan: ReclaimPlan; readonly isMigrated: boolean },
): Promise<Outcome> {
  const { volume, plan, isMigrated } = step;
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
    case 'delete': {
      const { name, uid } = volume.metadata;
      const { driverName, volumeId } = plan;
      const attempt = { key: name, uid, wish: 'delete' };
      return parts.ladder.climb(ctx, parts.steps, { volume, driverName, volumeId, isMigrated, attempt });
    }
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
  if (await hasClaim(ctx, volume)) return claimExists;
  return recycle(ctx, parts.pods, { volume, source: plan.source, fail: (event) => markFailed(ctx, volume, event) });
}

async function markFailed(ctx: Ctx, volume: PersistentVolume, event: EventDraft): Promise<void> {
  const body = {
    metadata: { resourceVersion: volume.metadata.resourceVersion },
    status: { phase: 'Failed', reason: event.reason, message: event.message, lastPhaseTransitionTime: formatTime(ctx.clock.nowMs()) },
  };
  await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } }, { subresource: 'status' });
  ctx.events.record(event);
}
