import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { growthConditionOf, growthPatch, type GrowthReport } from '#api/storage/growth.ts';
import { formatTime } from '#kit/clock.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import type { Failure } from '../driver-work/failure.ts';
import type { GrowthOrder } from './grow-volume.ts';

const WAITING_FOR_NODE = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';

/** The node is next. */
export const waitsForNode: GrowthReport = {
  status: 'NodeResizePending',
  conditions: [{ type: 'FileSystemResizePending', message: WAITING_FOR_NODE }],
};

/** The driver is about to be asked: how the last try of another size ended stays to be seen. Pure. */
export function startedReport({ claim, size, isNew }: GrowthOrder): GrowthReport {
  const error = isNew ? undefined : growthConditionOf(claim, 'ControllerResizeError');
  const kept = error === undefined ? [] : [{ type: 'ControllerResizeError', message: error.message ?? '' } as const];
  return { status: 'ControllerResizeInProgress', allocated: size, conditions: [{ type: 'Resizing' }, ...kept] };
}

/** How the try ended. Pure. */
export function failedReport(claim: PersistentVolumeClaim, failure: Failure): GrowthReport {
  const resizing = growthConditionOf(claim, 'Resizing') === undefined ? [] : [{ type: 'Resizing' } as const];
  // why without the error's condition: nobody knows what the driver does, and the recorded size must come to its end first
  if (!failure.isFinal) return { status: 'ControllerResizeInProgress', conditions: resizing };
  const condition = { type: 'ControllerResizeError', message: `failed to expand pvc with ${failure.problem}` } as const;
  const status = failure.isInfeasible ? 'ControllerResizeInfeasible' : 'ControllerResizeInProgress';
  return { status, conditions: [...resizing, condition] };
}

/** Writes what is to be said of the growth into the claim's status. */
export async function reportGrowth(ctx: Ctx, claim: PersistentVolumeClaim, what: GrowthReport): Promise<PersistentVolumeClaim> {
  const body = growthPatch(claim, what, formatTime(ctx.clock.nowMs()));
  return ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } }, { subresource: 'status' });
}
