import type { Pod } from '#api/generated/kubernetes.ts';
import { deadlineMsOf } from '../status/active-deadline.ts';
import type { ObservedContainers, Problem } from '../status/observed-pod.ts';
import { graceMsOf, type PodPlan, planRunning, sidecarsOf, type StoppingOptions } from './plan.ts';

/** How a pod's containers are ended; when is said by who does it. */
export type Ending = Omit<StoppingOptions, 'nowMs'>;

/** What a look does with a pod. */
export type PodStep =
  /** The API knows nothing of it any more: it is ended at once, and nothing of it stays. */
  | { readonly kind: 'remove' }
  /** It is to go: it is ended with its grace, and the API is told when nothing of it is left. */
  | { readonly kind: 'delete'; readonly ending: Ending }
  /** It has ended for good: only logs and exit codes stay until it is deleted. */
  | { readonly kind: 'finish' }
  /** No pod can run on this node. */
  | { readonly kind: 'hold'; readonly problem: Problem }
  /** It has been active for longer than it may: it is ended, then Failed. */
  | { readonly kind: 'expire'; readonly ending: Ending }
  | { readonly kind: 'run'; readonly plan: PodPlan };

/** What a step is planned from. */
export interface StepInput {
  /** Undefined where the API knows no such pod on this node. */
  readonly pod: Pod | undefined;
  readonly observed: ObservedContainers;
  /** Why no pod can run on this node; undefined where they can. */
  readonly notReady: Problem | undefined;
  readonly nowMs: number;
}

/** What is next for the pod. Pure. */
export function planStep({ pod, observed, notReady, nowMs }: StepInput): PodStep {
  if (pod === undefined) return { kind: 'remove' };
  if (pod.metadata.deletionTimestamp !== undefined) return { kind: 'delete', ending: endingOfDeleted(pod, pod.metadata.deletionTimestamp) };
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return { kind: 'finish' };
  if (notReady !== undefined) return { kind: 'hold', problem: notReady };
  const deadlineMs = deadlineMsOf(pod);
  if (deadlineMs !== undefined && deadlineMs <= nowMs)
    return { kind: 'expire', ending: { graceMs: graceMsOf(pod), last: sidecarsOf(pod) } };
  return { kind: 'run', plan: planRunning(pod, observed, nowMs) };
}

/** Its grace runs since it was deleted, whenever the node hears of it: `deletionTimestamp` is when it is over. */
function endingOfDeleted(pod: Pod, deletionTimestamp: string): Ending {
  const { deletionGracePeriodSeconds: graceSec } = pod.metadata;
  const graceMs = graceSec === undefined ? graceMsOf(pod) : graceSec * 1000;
  return { graceMs, last: sidecarsOf(pod), sinceMs: Date.parse(deletionTimestamp) - graceMs };
}
