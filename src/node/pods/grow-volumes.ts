import type { Pod } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { parseKey } from '#api/meta/object.ts';
import { isNodeGrowthDue } from '#api/storage/growth.ts';
import type { Clock } from '#kit/clock.ts';
import type { PodOnNode, PodVolumes } from '../volumes/pod-volumes.ts';
import type { NodeClaims } from '../volumes/used-claims.ts';
import type { ObservedContainers } from '../status/observed-pod.ts';
import type { PodMemory } from './pod-memory.ts';
import { hasRunning } from '../status/progress.ts';

/** Who grows the volumes of running pods, and where it is seen that one is to grow. */
export interface GrowingTools {
  readonly clock: Clock;
  readonly claims: NodeClaims;
  readonly volumes: Pick<PodVolumes, 'grow'>;
}

/** A running pod. */
export interface GrowingPod extends PodOnNode {
  readonly memory: PodMemory;
  readonly observed: ObservedContainers;
}

/** Grows what a claim's growth left to the node, while the pod runs; failures are tried again with back-off and stop nothing. */
export async function growVolumes({ clock, claims, volumes }: GrowingTools, on: GrowingPod): Promise<void> {
  const { pod, memory } = on;
  if (!isGrowthDue(claims, pod) || !hasRunning(on.observed)) return;
  if (memory.growthProblem !== undefined && memory.growthProblem.retryAtMs > clock.nowMs()) return;
  try {
    await volumes.grow(on);
    memory.growthProblem = undefined;
  } catch (error) {
    on.signal.throwIfAborted();
    memory.failGrowth(error, clock.nowMs());
  }
}

function isGrowthDue(claims: NodeClaims, pod: Pod): boolean {
  return claimKeysOfPod(pod).some((key) => {
    const claim = claims.get(parseKey(key));
    return claim !== undefined && isNodeGrowthDue(claim);
  });
}
