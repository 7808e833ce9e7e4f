import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKeyOf } from '#api/meta/object.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { PRE_RESIZE_CAPACITY } from '#api/storage/names.ts';
import { isTranslated } from '#api/storage/in-tree/translate-volume.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { type DriverLadder, untilGone } from '../driver-work/ladder.ts';
import type { DriverSteps } from '../driver-work/steps.ts';
import { migrated } from '../../migrated-volume.ts';
import type { GrowthOrder, GrowthWork } from './grow-volume.ts';
import { patchVolume } from './growth-steps.ts';
import { type ExpansionPlan, planExpansion } from './plan.ts';

/** What expansion looks at and works with. */
export interface ExpansionParts {
  readonly volumes: Informer<PersistentVolume>;
  readonly ladder: DriverLadder;
  readonly steps: DriverSteps<GrowthWork>;
  /** UIDs of claims whose driver refused to grow them while they are used. */
  readonly offlineOnly: Set<string>;
}

/** Brings the growth of one claim a step further. */
export async function reconcileExpansion(ctx: Ctx, parts: ExpansionParts, claim: PersistentVolumeClaim): Promise<Outcome> {
  const name = volumeNameOf(claim);
  const plan = planExpansion(claim, name === '' ? undefined : migrated(parts.volumes.get({ namespace: '', name })));
  return untilGone(async () => {
    if (plan.kind === 'grow') return parts.ladder.climb(ctx, parts.steps, orderOf(claim, plan));
    parts.offlineOnly.delete(claim.metadata.uid);
    parts.ladder.forget(formatKeyOf(claim));
    if (plan.kind === 'settle') await patchVolume(ctx, plan.volume, { metadata: { annotations: { [PRE_RESIZE_CAPACITY]: null } } });
    return done;
  });
}

function orderOf(claim: PersistentVolumeClaim, plan: Extract<ExpansionPlan, { kind: 'grow' }>): GrowthOrder {
  const attempt = { key: formatKeyOf(claim), uid: claim.metadata.uid, wish: plan.size };
  return { ...plan, claim, isMigrated: isTranslated(plan.volume), attempt, hasFailedSince: plan.failed === 'node' };
}
