import type { Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Client } from '#machinery/client/client.ts';
import type { PodPaths } from '../node-paths.ts';
import { limitedScratchOf, whyOverfull } from '../volumes/scratch-usage.ts';
import type { ObservedContainers } from './plan.ts';
import type { NodeEvents } from './pod-events.ts';
import type { PodMemory } from './pod-memory.ts';

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

/** When scratch space is to be measured next; undefined where no volume of the pod has a limit. */
export function nextMeasureMs({ pod, memory }: EvictablePod): number | undefined {
  return limitedScratchOf(pod).length === 0 ? undefined : memory.measureAtMs;
}

/** Fails a pod that takes more scratch space than its emptyDir volumes allow; what runs of it is ended by the next look. True where it did. */
export async function evictOverfull({ client, clock, exec, events }: EvictionTools, on: EvictablePod): Promise<boolean> {
  const { pod, memory, paths, observed } = on;
  const isRunning = [...observed.values()].some(({ latest }) => latest?.state.phase === 'running');
  if (!isRunning || limitedScratchOf(pod).length === 0 || clock.nowMs() < memory.measureAtMs) return false;
  memory.measureAtMs = clock.nowMs() + MEASURE_MS;
  const message = await whyOverfull(exec, pod, paths);
  if (message === undefined) return false;
  events.record({ about: pod, type: 'Warning', reason: 'Evicted', message });
  const body = { metadata: { uid: pod.metadata.uid }, status: { phase: 'Failed', reason: 'Evicted', message } };
  await client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body } }, { subresource: 'status' });
  return true;
}
