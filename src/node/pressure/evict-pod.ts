import { withCondition } from '#api/conditions.ts';
import type { Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import type { Client } from '#machinery/client/client.ts';
import type { NodeEvents } from '../status/pod-events.ts';

/** A pod that is to go, and why. */
export interface Eviction {
  readonly pod: Pod;
  readonly message: string;
  /** Set where nothing is wrong with the pod itself: when that was found, Unix ms. */
  readonly disruptedAtMs?: number;
}

/** Fails the pod; what runs of it is ended by the look that its new phase wakes. */
export async function evictPod(
  { client, events }: { readonly client: Client; readonly events: NodeEvents },
  { pod, message, disruptedAtMs }: Eviction,
): Promise<void> {
  events.record({ about: pod, type: 'Warning', reason: 'Evicted', message });
  const { uid, resourceVersion } = pod.metadata;
  const disruption = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message };
  const conditions =
    disruptedAtMs === undefined
      ? undefined
      : withCondition(pod.status?.conditions, { ...disruption, lastTransitionTime: formatTime(disruptedAtMs) });
  const body = {
    // why the version only with conditions: lists are replaced as a whole
    metadata: { uid, ...(conditions === undefined ? {} : { resourceVersion }) },
    status: { phase: 'Failed', reason: 'Evicted', message, ...(conditions === undefined ? {} : { conditions }) },
  };
  await client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body } }, { subresource: 'status' });
}
