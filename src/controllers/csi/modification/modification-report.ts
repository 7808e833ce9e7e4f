import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { modificationConditionOf, modificationPatch, type ModificationReport } from '#api/storage/modification.ts';
import { formatTime } from '#kit/clock.ts';
import type { ErrorCode } from '#kit/error-codes.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import type { Failure } from '../driver-work/failure.ts';

type Condition = ModificationReport['conditions'][number];

/** A new try: how the last one of the same target ended stays to be seen until this one has ended. Pure. */
export function startedReport(claim: PersistentVolumeClaim, target: string): ModificationReport {
  const isRetry = claim.status?.modifyVolumeStatus?.targetVolumeAttributesClassName === target;
  const error = isRetry ? modificationConditionOf(claim, 'ModifyVolumeError') : undefined;
  const kept =
    error === undefined ? [] : [{ type: 'ModifyVolumeError', reason: error.reason ?? '', message: error.message ?? '' } as const];
  return { progress: { status: 'InProgress', target }, conditions: [underWay(target, 'is in progress.'), ...kept] };
}

/** The target does not exist yet. Pure. */
export function pendingReport(claim: PersistentVolumeClaim, target: string): ModificationReport {
  const conditions = (['ModifyingVolume', 'ModifyVolumeError'] as const).flatMap((type): readonly Condition[] => {
    const condition = modificationConditionOf(claim, type);
    return condition === undefined ? [] : [{ type, reason: condition.reason ?? '', message: condition.message ?? '' }];
  });
  return { progress: { status: 'Pending', target }, conditions };
}

/** The volume never gets the attributes of the target as things are. Pure. */
export function infeasibleReport(
  target: string,
  { code, problem }: { readonly code: ErrorCode; readonly problem: string },
): ModificationReport {
  return { progress: { status: 'Infeasible', target }, conditions: [modifyError(code, problem)] };
}

/** How the try ended. Pure. */
export function failedReport(target: string, { error: { code }, problem, isFinal, isInfeasible }: Failure): ModificationReport {
  if (isInfeasible) return infeasibleReport(target, { code, problem });
  const progress = { status: 'InProgress', target } as const;
  // why without the error's condition: nobody knows what the driver does, and this try must come to its end first
  if (!isFinal) return { progress, conditions: [underWay(target, 'is still in progress.')] };
  return { progress, conditions: [underWay(target, 'failed. Waiting for retry.'), modifyError(code, problem)] };
}

/** Writes what is to be said of the change into the claim's status, where it does not say so. */
export async function reportModification(ctx: Ctx, claim: PersistentVolumeClaim, what: ModificationReport): Promise<PersistentVolumeClaim> {
  const body = modificationPatch(claim, what, formatTime(ctx.clock.nowMs()));
  if (body === undefined) return claim;
  return ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } }, { subresource: 'status' });
}

/** The condition's reason is the name of the driver's code, as upstream writes it. */
function modifyError(code: ErrorCode, message: string): Condition {
  return { type: 'ModifyVolumeError', reason: code, message };
}

function underWay(target: string, state: string): Condition {
  return { type: 'ModifyingVolume', message: `Modifying volume to ${JSON.stringify(target)} ${state}` };
}
