import type { PersistentVolume, PersistentVolumeClaim, VolumeAttributesClass } from '#api/generated/kubernetes.ts';
import { formatKeyOf } from '#api/meta/object.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { isTranslated } from '#api/storage/in-tree/translate-volume.ts';
import { assertNever } from '#kit/assert-never.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { type DriverLadder, MENDING_POLL_MS, untilGone } from '../driver-work/ladder.ts';
import type { DriverSteps } from '../driver-work/steps.ts';
import { migrated } from '../../migrated-volume.ts';
import * as say from './events.ts';
import { infeasibleReport, pendingReport, reportModification } from './modification-report.ts';
import type { ModificationOrder, ModificationWork } from './modify-volume.ts';
import { type ModificationPlan, planModification } from './plan.ts';

/** How long what can't be as it stands is left alone: its class wakes it before, and another one that is asked for. */
const INFEASIBLE_MS = 300_000;

/** What modification looks at and works with. */
export interface ModificationParts {
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<VolumeAttributesClass>;
  readonly ladder: DriverLadder;
  readonly steps: DriverSteps<ModificationWork>;
}

/** Brings the change of the attributes of one claim's volume a step further. */
export async function reconcileModification(ctx: Ctx, parts: ModificationParts, claim: PersistentVolumeClaim): Promise<Outcome> {
  const volumeName = volumeNameOf(claim);
  const plan = planModification(claim, {
    volume: volumeName === '' ? undefined : migrated(parts.volumes.get({ namespace: '', name: volumeName })),
    classNamed: (name) => parts.classes.get({ namespace: '', name }),
  });
  return untilGone(() => applyPlan(ctx, parts, { claim, plan }));
}

async function applyPlan(
  ctx: Ctx,
  parts: ModificationParts,
  { claim, plan }: { readonly claim: PersistentVolumeClaim; readonly plan: ModificationPlan },
): Promise<Outcome> {
  switch (plan.kind) {
    case 'leave':
      parts.ladder.forget(formatKeyOf(claim));
      return done;
    case 'cancel':
      parts.ladder.forget(formatKeyOf(claim));
      await reportModification(ctx, claim, { progress: undefined, conditions: [] });
      ctx.events.record(say.modifyCanceled(claim, plan.className));
      return done;
    case 'awaitClass':
      ctx.events.record(say.classMissing(claim, plan.className));
      await reportModification(ctx, claim, pendingReport(claim, plan.className));
      return after(MENDING_POLL_MS, 'waiting for the VolumeAttributesClass');
    case 'refuse':
      ctx.events.record(say.modifyFailed(claim, plan.problem));
      await reportModification(ctx, claim, infeasibleReport(plan.className, { code: 'InvalidArgument', problem: plan.problem }));
      return after(INFEASIBLE_MS, plan.problem);
    case 'modify':
      return parts.ladder.climb(ctx, parts.steps, orderOf(claim, plan));
    default:
      return assertNever(plan);
  }
}

function orderOf(claim: PersistentVolumeClaim, plan: Extract<ModificationPlan, { kind: 'modify' }>): ModificationOrder {
  // why its UID: a class that was made anew under the same name is another wish
  const wish = plan.attributesClass.metadata.uid;
  return { ...plan, claim, isMigrated: isTranslated(plan.volume), attempt: { key: formatKeyOf(claim), uid: claim.metadata.uid, wish } };
}
