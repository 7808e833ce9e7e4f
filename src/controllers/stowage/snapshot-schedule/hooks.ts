import type { SnapshotSchedule } from '#api/generated/definitions.ts';
import type { Pod } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { isReady } from './retention.ts';
import type { Taken } from './run.ts';

/** Commands of a schedule, before and after. */
export type Hooks = NonNullable<SnapshotSchedule['spec']['hooks']>;
/** One command. */
export type Hook = NonNullable<Hooks['before']>[number];
/** A run between its first command and its last. */
export type HeldRun = NonNullable<NonNullable<SnapshotSchedule['status']>['hooks']>;

/** Names the container that kubectl asks where nobody names one. */
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';
/** How long a command may take where its hook does not say, in seconds: as long as Velero lets its own. */
const DEFAULT_TIMEOUT_SEC = 30;
/** How long pods are held where the schedule does not say, in seconds. */
const DEFAULT_HOLD_SEC = 60;

/** One command in one pod. */
export interface HookCall {
  readonly pod: Pod;
  readonly container: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly isRequired: boolean;
}

/** True where something is to be run before or after. */
export function hasHooks({ spec }: SnapshotSchedule): boolean {
  return (spec.hooks?.before?.length ?? 0) + (spec.hooks?.after?.length ?? 0) > 0;
}

/** The pods that can be asked to hold still: those that run. */
export function canHold(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && !isDeleting(pod);
}

/** What a hook is in each of the pods that it is for. Pure. */
export function callsOf(
  { command, container, podSelector, timeoutSeconds = DEFAULT_TIMEOUT_SEC, onError }: Hook,
  pods: readonly Pod[],
): readonly HookCall[] {
  return pods
    .filter(({ metadata }) => podSelector === undefined || matchesLabelSelector(podSelector, metadata.labels))
    .map((pod) => ({
      pod,
      container: container ?? pod.metadata.annotations?.[DEFAULT_CONTAINER] ?? pod.spec.containers[0]?.name ?? '',
      command,
      timeoutMs: timeoutSeconds * 1_000,
      isRequired: onError !== 'Continue',
    }));
}

/** The pods of a run that are still those that were asked to hold still. Pure. */
export function heldPods({ pods = [] }: HeldRun, find: (name: string) => Pod | undefined): readonly Pod[] {
  return pods.flatMap(({ name, uid }) => {
    const pod = find(name);
    return pod !== undefined && pod.metadata.uid === uid && canHold(pod) ? [pod] : [];
  });
}

/** When what holds still is let go whatever happens, in milliseconds since the Unix epoch. Pure. */
export function letGoMs({ since }: HeldRun, hooks: Hooks | undefined): number {
  return Date.parse(since) + (hooks?.holdSeconds ?? DEFAULT_HOLD_SEC) * 1_000;
}

/** True once its moment is behind it: data that is written from now on is not in it. A driver that has failed may still take it. */
export function isCut(taken: Taken): boolean {
  return taken.status?.creationTime !== undefined || isReady(taken);
}
