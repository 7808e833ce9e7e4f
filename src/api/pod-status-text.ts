import { findCondition, isConditionTrue } from './conditions.ts';
import type { Container, ContainerState, ContainerStatus, Pod } from './generated/kubernetes.ts';

/** What `kubectl get pods` says of a pod. */
export interface PodSummary {
  readonly readyCount: number;
  readonly totalCount: number;
  /** For example Running, Completed, CrashLoopBackOff, Init:0/1, Terminating. */
  readonly status: string;
  readonly restartCount: number;
  /** When a container last ended before it was started again, RFC 3339. */
  readonly lastRestart: string | undefined;
}

/** Sums up a pod as kubectl does (pkg/printers/internalversion `printPod`). */
export function summarizePod(pod: Pod): PodSummary {
  const { initContainers = [], containers } = pod.spec;
  const { initContainerStatuses = [], containerStatuses = [], conditions } = pod.status ?? {};
  const sidecars = new Set(initContainers.filter(isSidecar).map(({ name }) => name));
  const init = walkInitContainers(pod, sidecars);
  const totalCount = containers.length + sidecars.size;
  if (init.reason !== undefined && !isConditionTrue(conditions, 'Initialized')) {
    return { readyCount: init.readyCount, totalCount, status: deletionStatus(pod) ?? init.reason, ...restartsOf(initContainerStatuses) };
  }
  const readyCount = init.readyCount + containerStatuses.filter(isReadyAndRunning).length;
  const counted = [...initContainerStatuses.filter(({ name }) => sidecars.has(name)), ...containerStatuses];
  const status = deletionStatus(pod) ?? containersReason(pod, init.reason ?? podReason(pod));
  return { readyCount, totalCount, status, ...restartsOf(counted) };
}

function podReason(pod: Pod): string {
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.reason === 'SchedulingGated') return 'SchedulingGated';
  const reason = pod.status?.reason ?? '';
  return reason === '' ? (pod.status?.phase ?? '') : reason;
}

/** `Unknown` where the node is lost, `Terminating` while it ends. */
function deletionStatus(pod: Pod): string | undefined {
  if (pod.metadata.deletionTimestamp === undefined) return undefined;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  const phase = pod.status?.phase;
  return phase === 'Failed' || phase === 'Succeeded' ? undefined : 'Terminating';
}

function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

interface InitWalk {
  readonly readyCount: number;
  /** Why the pod is not initialised; absent where it is. */
  readonly reason: string | undefined;
}

function walkInitContainers(pod: Pod, sidecars: ReadonlySet<string>): InitWalk {
  let readyCount = 0;
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    if (status.state?.terminated?.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started === true) {
      if (status.ready) readyCount += 1;
      continue;
    }
    return { readyCount, reason: initReason(status, `Init:${index}/${pod.spec.initContainers?.length ?? 0}`) };
  }
  return { readyCount, reason: undefined };
}

function initReason({ state }: ContainerStatus, progress: string): string {
  if (state?.terminated !== undefined) return `Init:${terminatedReason(state.terminated)}`;
  const waiting = state?.waiting?.reason ?? '';
  return waiting === '' || waiting === 'PodInitializing' ? progress : `Init:${waiting}`;
}

function terminatedReason({ reason = '', signal = 0, exitCode }: NonNullable<ContainerState['terminated']>): string {
  if (reason !== '') return reason;
  return signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`;
}

function isReadyAndRunning({ ready, state }: ContainerStatus): boolean {
  const isOut = (state?.waiting?.reason ?? '') !== '' || state?.terminated !== undefined;
  return !isOut && ready && state?.running !== undefined;
}

function containersReason(pod: Pod, given: string): string {
  const statuses = pod.status?.containerStatuses ?? [];
  // why: the first container with something to say wins, as upstream walks them from the last to the first
  const reason = statuses.map(stateReason).find((text) => text !== undefined) ?? given;
  if (reason !== 'Completed' || !statuses.some(isReadyAndRunning)) return reason;
  return isConditionTrue(pod.status?.conditions, 'Ready') ? 'Running' : 'NotReady';
}

function stateReason({ state }: ContainerStatus): string | undefined {
  const waiting = state?.waiting?.reason ?? '';
  if (waiting !== '') return waiting;
  return state?.terminated === undefined ? undefined : terminatedReason(state.terminated);
}

function restartsOf(statuses: readonly ContainerStatus[]): Pick<PodSummary, 'restartCount' | 'lastRestart'> {
  const ends = statuses.flatMap(({ lastState }) => lastState?.terminated?.finishedAt ?? []).toSorted();
  return { restartCount: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0), lastRestart: ends.at(-1) };
}
