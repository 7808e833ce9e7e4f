import type { Pod } from '#api/generated/kubernetes.ts';
import type { PodPaths } from '../node-paths.ts';
import type { ObservedContainers } from '../status/observed-pod.ts';
import type { PodMemory } from './pod-memory.ts';

/** What one look at a pod has found. */
export interface PodSnapshot {
  readonly uid: string;
  readonly memory: PodMemory;
  readonly paths: PodPaths;
  readonly observed: ObservedContainers;
  /** As the API has it; undefined where it knows no such pod on this node. */
  readonly pod?: Pod | undefined;
}

/** A pod that the API knows. */
export interface KnownPod extends PodSnapshot {
  readonly pod: Pod;
}
