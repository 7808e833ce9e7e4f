import type { ObservedContainer } from '../containers/container-runtime.ts';
import type { Pod } from '#api/generated/kubernetes.ts';

/** Containers by name, as found. */
export type ObservedContainers = ReadonlyMap<string, ObservedContainer>;

/** Why something waits: a CamelCase reason and a sentence. */
export interface Problem {
  readonly reason: string;
  readonly message: string;
}

/** What a status is computed from. */
export interface StatusInput {
  readonly pod: Pod;
  readonly observed: ObservedContainers;
  readonly nowMs: number;
  readonly hostIp: string;
  /** In the network of pods; undefined = it has none. */
  readonly podIp?: string | undefined;
  /** Volumes and network of the pod are there. */
  readonly isPrepared: boolean;
  /** Every container has ended for good. */
  readonly isOver: boolean;
  /** Why the pod is Failed although its containers may have ended well. */
  readonly failure?: Problem | undefined;
  /** Why the pod as a whole waits. */
  readonly podProblem?: Problem | undefined;
  /** Why a container can't be started, by name. */
  readonly containerProblems: ReadonlyMap<string, Problem>;
}
