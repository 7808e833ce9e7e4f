import { isRecord, deepFreeze } from '#kit/json.ts';
import { formatTime } from '#kit/clock.ts';
import type { ServerContext } from '../context.ts';
import type { AnyObject } from '../objects/json-object.ts';
import type { WriteRequest } from '../request.ts';
import { conflict } from '../status-error.ts';
import { admissionRequest } from './admission-request.ts';
import { changeObject } from './change.ts';

/** Which node a pod goes to, and which pod is meant. */
export interface Binding {
  readonly nodeName: string;
  /** Absent = whichever pod has the name. */
  readonly uid?: string | undefined;
}

/** Puts a pod on a node: once, and only while it is not going away (core registry/core/pod/storage). @throws ApiError `NotFound`, `Aborted` */
export async function bindPod(ctx: ServerContext, request: WriteRequest, binding: Binding): Promise<void> {
  await changeObject(ctx, request, async (current) => {
    const refuse = (why: string): never => {
      throw conflict({ group: '', plural: 'pods/binding' }, request.name, why);
    };
    const spec = isRecord(current['spec']) ? current['spec'] : {};
    if (binding.uid !== undefined && binding.uid !== '' && binding.uid !== current.metadata.uid) {
      refuse(`Precondition failed: UID in precondition: ${binding.uid}, UID in object meta: ${current.metadata.uid}`);
    }
    if (current.metadata.deletionTimestamp !== undefined) refuse(`pod ${request.name} is being deleted, cannot be assigned to a host`);
    const nodeName = spec['nodeName'];
    if (typeof nodeName === 'string' && nodeName !== '')
      refuse(`pod ${request.name} is already assigned to node ${JSON.stringify(nodeName)}`);
    const bound = deepFreeze({
      ...current,
      spec: { ...spec, nodeName: binding.nodeName },
      status: scheduledStatus(current, formatTime(ctx.clock.nowMs())),
    });
    await ctx.admission.validate({ ...admissionRequest(request, 'update'), previous: current, object: bound });
    return { action: 'put', object: bound };
  });
}

function scheduledStatus(pod: AnyObject, now: string): Readonly<Record<string, unknown>> {
  const status = isRecord(pod['status']) ? pod['status'] : {};
  const conditions: readonly unknown[] = Array.isArray(status['conditions']) ? status['conditions'] : [];
  const others = conditions.filter((condition) => !isRecord(condition) || condition['type'] !== 'PodScheduled');
  return { ...status, conditions: [...others, { type: 'PodScheduled', status: 'True', lastTransitionTime: now }] };
}
