import type { Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import type { Problem } from '../status/observed-pod.ts';
import type { KnownPod } from './pod-snapshot.ts';
import { computeStatus } from '../status/pod-status.ts';
import { hasRunning } from '../status/progress.ts';

/** What writing a status needs. */
export interface StatusTools {
  readonly client: Pick<Client, 'patch'>;
  readonly clock: Clock;
  readonly network: Pick<PodNetwork, 'addressOf'>;
  readonly hostIp: string;
}

/** What the look found out beside what it observed. */
export interface StatusFacts {
  /** Every container has ended for good. */
  readonly isOver?: boolean;
  /** Why the pod as a whole waits; absent = as its memory says. */
  readonly podProblem?: Problem;
  /** Why the pod is Failed although its containers may have ended well. */
  readonly failure?: Problem;
}

/** Writes the pod's status where it differs from what the API has. @throws ApiError `Aborted` when another writer was faster */
export async function writeStatus({ client, clock, network, hostIp }: StatusTools, on: KnownPod, facts: StatusFacts): Promise<void> {
  const { uid, pod, observed, memory } = on;
  const status = computeStatus({
    pod,
    observed,
    nowMs: clock.nowMs(),
    hostIp,
    podIp: network.addressOf(uid),
    isPrepared: memory.volumes !== undefined || hasRunning(observed),
    isOver: facts.isOver === true,
    failure: facts.failure,
    podProblem: facts.podProblem ?? memory.podProblem,
    containerProblems: memory.containerProblems,
  });
  await patchStatus(client, pod, JSON.parse(JSON.stringify(status)));
}

async function patchStatus(client: Pick<Client, 'patch'>, pod: Pod, status: unknown): Promise<void> {
  if (deepEqual(status, pod.status)) return;
  const { uid, resourceVersion } = pod.metadata;
  // why both: the uid keeps a pod of the same name safe, the version keeps conditions that others added meanwhile (lists are replaced as a whole)
  const body = { metadata: { uid, resourceVersion }, status };
  await client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body } }, { subresource: 'status' });
}
