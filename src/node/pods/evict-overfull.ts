import type { Pod } from '#api/generated/kubernetes.ts';
import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Client } from '#machinery/client/client.ts';
import type { PodPaths } from '../node-paths.ts';
import { isDiskLimited, whyOverfull } from '../pressure/why-overfull.ts';
import { evictPod } from '../pressure/evict-pod.ts';
import type { ObservedContainers } from '../status/observed-pod.ts';
import type { NodeEvents } from '../status/pod-events.ts';
import type { PodMemory } from './pod-memory.ts';
import { hasRunning } from '../status/progress.ts';

/** What evicting needs. */
export interface EvictionTools {
  readonly client: Client;
  readonly clock: Clock;
  readonly exec: Exec;
  readonly events: NodeEvents;
}

/** A pod that may run. */
export interface EvictablePod {
  readonly pod: Pod;
  readonly paths: PodPaths;
  readonly memory: PodMemory;
  readonly observed: ObservedContainers;
}

/** Scratch space is measured this often (kubelet's eviction-monitoring period). */
const MEASURE_MS = 10_000;

/** When scratch space is to be measured next; undefined where nothing limits what the pod takes of the disk. */
export function nextMeasureMs({ pod, memory }: EvictablePod): number | undefined {
  return isDiskLimited(pod) ? memory.measureAtMs : undefined;
}

/** Fails a pod that takes more of the node's disk than its containers and emptyDir volumes may; what runs of it is ended by the next look. True where it did. */
export async function evictOverfull({ client, clock, exec, events }: EvictionTools, on: EvictablePod): Promise<boolean> {
  const { pod, memory, paths, observed } = on;
  if (!hasRunning(observed) || !isDiskLimited(pod) || clock.nowMs() < memory.measureAtMs) return false;
  memory.measureAtMs = clock.nowMs() + MEASURE_MS;
  const message = await whyOverfull(exec, { pod, paths, observed });
  if (message === undefined) return false;
  await evictPod({ client, events }, { pod, message });
  return true;
}
