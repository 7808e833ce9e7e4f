import { findCondition, withCondition } from '#api/conditions.ts';
import type { Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';

/** Why a pod is to go though nothing is wrong with it. */
export interface Disruption {
  readonly reason: string;
  readonly message: string;
  /** Nobody runs it any more: its phase is over too. */
  readonly phase?: 'Failed';
}

/** Says in the pod's status why it goes, before it does, so that a Job need not count it as a failure. Undefined where it is gone. */
export async function markDisrupted(ctx: Ctx, pod: Pod, { reason, message, phase }: Disruption): Promise<Pod | undefined> {
  const before = pod.status?.conditions;
  const hasPhase = phase === undefined || pod.status?.phase === phase || pod.status?.phase === 'Succeeded';
  if (findCondition(before, 'DisruptionTarget')?.reason === reason && hasPhase) return pod;
  const condition = { type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime: formatTime(ctx.clock.nowMs()) };
  const body = {
    metadata: { resourceVersion: pod.metadata.resourceVersion },
    status: { conditions: withCondition(before, condition), ...(hasPhase ? {} : { phase }) },
  };
  try {
    return await ctx.client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body } }, { subresource: 'status' });
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

/** `byForce`: the object goes at once, whether or not a node has ended the pod. */
export async function deletePod(ctx: Ctx, pod: Pod, how: 'gracefully' | 'byForce'): Promise<void> {
  const { uid } = pod.metadata;
  try {
    await ctx.client.delete(pods, keyOf(pod), { uid, ...(how === 'byForce' ? { gracePeriodSec: 0 } : {}) });
  } catch (thrown) {
    // why Aborted: another pod has the name by now
    if (!hasCode(thrown, 'NotFound', 'Aborted')) throw thrown;
  }
}
