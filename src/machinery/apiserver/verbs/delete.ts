import type { DeleteOptions } from '../../client/client.ts';
import { formatTime } from '#kit/clock.ts';
import { deepFreeze, isRecord } from '#kit/json.ts';
import type { ServerContext } from '../context.ts';
import { type AnyObject } from '../objects/json-object.ts';
import { hasSpecFinalizers, isRemovable } from '../objects/removable.ts';
import type { WriteRequest } from '../request.ts';
import { conflict, invalid } from '../status-error.ts';
import { admissionRequest } from './admission-request.ts';
import { changeObject, type Plan } from './change.ts';
import type { Written } from './written.ts';

/** What a deletion did. */
export interface Deleted extends Written {
  /** False while finalizers or grace keep the object. */
  readonly isGone: boolean;
}

/**
 * Deletes an object, or marks it for deletion while finalizers, grace or (for a namespace) its content hold it.
 * @throws ApiError `NotFound`; `Aborted` where a precondition fails; what admission throws
 */
export async function deleteObject(ctx: ServerContext, request: WriteRequest, options: DeleteOptions): Promise<Deleted> {
  checkOptions(request, options);
  let isGone = false;
  const written = await changeObject(ctx, request, async (current) => {
    checkPreconditions(request, options, current);
    await ctx.admission.validate({ ...admissionRequest(request, 'delete'), previous: current });
    const plan = planDeletion(ctx, request, { current, options });
    isGone = plan.action === 'delete';
    return plan;
  });
  return { ...written, isGone };
}

function checkOptions(request: WriteRequest, options: DeleteOptions): void {
  const { gracePeriodSec, propagation } = options;
  if (gracePeriodSec !== undefined && gracePeriodSec < 0) {
    const fault = {
      field: 'gracePeriodSeconds',
      type: 'Invalid',
      value: gracePeriodSec,
      detail: 'must be greater than or equal to 0',
    } as const;
    throw invalid(request.kind.resource, request.name, [fault]);
  }
  if (propagation === 'Foreground' || propagation === 'Orphan') {
    // why: without a garbage collector these would leave the object waiting for ever
    const detail = 'this server does not collect dependents yet; use "Background"';
    throw invalid(request.kind.resource, request.name, [{ field: 'propagationPolicy', type: 'NotSupported', value: propagation, detail }]);
  }
}

function checkPreconditions(request: WriteRequest, options: DeleteOptions, current: AnyObject): void {
  const { uid, resourceVersion } = current.metadata;
  if (options.uid !== undefined && options.uid !== uid) {
    throw conflict(
      request.kind.resource,
      request.name,
      `Precondition failed: UID in precondition: ${options.uid}, UID in object meta: ${uid}`,
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${options.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`;
    throw conflict(request.kind.resource, request.name, why);
  }
}

function planDeletion(ctx: ServerContext, request: WriteRequest, step: { current: AnyObject; options: DeleteOptions }): Plan {
  const { current, options } = step;
  const usualGraceSec = request.kind.deletionGraceSec(current);
  const graceSec = usualGraceSec === 0 ? 0 : (options.gracePeriodSec ?? usualGraceSec);
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = current.metadata;
  if (deletionTimestamp !== undefined && graceSec >= (deletionGracePeriodSeconds ?? 0)) {
    return isRemovable(current) ? { action: 'delete', object: current } : { action: 'keep' };
  }
  const nowMs = ctx.clock.nowMs();
  // why: a shorter grace moves an earlier deadline forward, it never moves it back
  const metadata = {
    ...current.metadata,
    deletionTimestamp: formatTime(nowMs + graceSec * 1000),
    deletionGracePeriodSeconds: graceSec,
    ...(generation === undefined || deletionTimestamp !== undefined ? {} : { generation: generation + 1 }),
  };
  const marked: AnyObject = deepFreeze(withTerminatingPhase({ ...current, metadata }));
  if (isRemovable(marked)) return { action: 'delete', object: marked };
  return {
    action: 'put',
    object: marked,
    onDecided: () => (current.kind === 'Namespace' ? ctx.namespaces.terminationDecided(current.metadata.uid) : () => {}),
  };
}

function withTerminatingPhase(object: AnyObject): AnyObject {
  if (!hasSpecFinalizers(object)) return object;
  const status = object['status'];
  return { ...object, status: { ...(isRecord(status) ? status : {}), phase: 'Terminating' } };
}
