import type { ContainerStatus, Pod, PodCondition, PodStatus } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

/** Why a pod does not run that nothing is wrong with. */
const PAUSED = { reason: 'PlatformStopped', message: 'the platform was stopped; the pod runs again when it starts' } as const;
const CONDITIONS: ReadonlySet<string> = new Set(['Ready', 'ContainersReady']);

/** The status of a pod whose containers were ended with the platform; undefined for one that had nothing to end. Pure. */
export function pausedStatus({ status }: Pod, now: string): PodStatus | undefined {
  if (status?.phase !== 'Running' && status?.phase !== 'Pending') return undefined;
  const { conditions = [], containerStatuses = [], initContainerStatuses = [] } = status;
  return {
    ...status,
    conditions: conditions.map((condition) => pausedCondition(condition, now)),
    ...(containerStatuses.length === 0 ? {} : { containerStatuses: containerStatuses.map(pausedContainer) }),
    ...(initContainerStatuses.length === 0 ? {} : { initContainerStatuses: initContainerStatuses.map(pausedContainer) }),
  };
}

function pausedCondition(condition: PodCondition, now: string): PodCondition {
  if (!CONDITIONS.has(condition.type)) return condition;
  const lastTransitionTime = condition.status === 'False' ? condition.lastTransitionTime : now;
  return { ...condition, ...PAUSED, status: 'False', lastTransitionTime };
}

/** What ended by itself stays ended. */
function pausedContainer(container: ContainerStatus): ContainerStatus {
  return container.state?.running === undefined ? container : { ...container, ready: false, started: false, state: { waiting: PAUSED } };
}

/** Says of a pod that it was ended with the platform, so that nobody takes it for running until it does again. */
export async function markPaused(client: Client, pod: Pod, nowMs: number): Promise<void> {
  try {
    const newest = await client.get(pods, keyOf(pod));
    const status = newest.metadata.uid === pod.metadata.uid ? pausedStatus(newest, formatTime(nowMs)) : undefined;
    if (status === undefined) return;
    const { uid, resourceVersion } = newest.metadata;
    const patch = { type: 'merge', body: { metadata: { uid, resourceVersion }, status } } as const;
    await client.patch(pods, { key: keyOf(pod), patch }, { subresource: 'status' });
  } catch (thrown) {
    // why: a pod that went meanwhile has nothing to say any more
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}
