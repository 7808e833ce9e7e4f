import type { Container, ContainerState, ContainerStatus, Pod } from '#api/generated/kubernetes.ts';
import { assertNever } from '#kit/assert-never.ts';
import { formatTime } from '#kit/clock.ts';
import { isInStart } from '../containers/post-start.ts';
import type { ObservedRun } from '../containers/run-state.ts';
import { podLabel } from './pod-label.ts';
import type { StatusInput } from './observed-pod.ts';
import { decideRestart, restartPolicyOf } from './restart.ts';

/** One entry of a pod's container statuses. Pure. */
export function containerStatus(input: StatusInput, container: Container, waitingReason: string): ContainerStatus {
  const { latest, previous } = input.observed.get(container.name) ?? {};
  const base = { name: container.name, image: container.image ?? '' };
  const problem = input.containerProblems.get(container.name);
  if (latest === undefined) {
    const why = problem ?? input.podProblem ?? { reason: waitingReason };
    return { ...base, imageID: '', restartCount: 0, state: waiting(why), ready: false, started: false };
  }
  const known = {
    ...base,
    restartCount: latest.record.restartCount,
    imageID: latest.record.imageId,
    containerID: containerIdOf(input.pod, container, latest),
    ...amountsOf(container),
    ...(latest.record.stopSignal === undefined ? {} : { stopSignal: latest.record.stopSignal }),
  };
  const last = previous === undefined ? {} : { lastState: terminated(input.pod, container, previous) };
  switch (latest.state.phase) {
    case 'starting':
      return { ...known, ...last, state: waiting(problem ?? { reason: waitingReason }), ready: false, started: false };
    case 'running':
      return { ...known, ...last, ...runningStatus(input, container, waitingReason) };
    case 'exited':
      return { ...known, ...last, ...endedStatus(input, container, { ...latest, state: latest.state }), started: false };
    default:
      return assertNever(latest.state);
  }
}

/** What it may take, which is what was given to it: nothing changes that while it runs. */
function amountsOf({ resources = {} }: Container): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  const { requests } = resources;
  return { resources, ...(requests === undefined ? {} : { allocatedResources: requests }) };
}

/** What a container shows that runs: until its hook is through, nothing may rely on it. */
function runningStatus(
  { observed }: StatusInput,
  { name, lifecycle }: Container,
  waitingReason: string,
): Pick<ContainerStatus, 'state' | 'ready' | 'started'> {
  const { latest, health } = observed.get(name) ?? {};
  if (latest?.state.phase !== 'running' || isInStart({ name, lifecycle }, latest))
    return { state: waiting({ reason: waitingReason }), ready: false, started: false };
  const startedAt = formatTime(latest.state.startedAtMs);
  return { state: { running: { startedAt } }, ready: health?.isReady ?? true, started: health?.isStarted ?? true };
}

function waiting(why: { readonly reason: string; readonly message?: string }): ContainerState {
  return { waiting: { reason: why.reason, ...(why.message === undefined ? {} : { message: why.message }) } };
}

type EndedRun = ObservedRun & { readonly state: Extract<ObservedRun['state'], { phase: 'exited' }> };

/** What an ended container shows: its end, or that it waits to run again. */
function endedStatus(
  input: StatusInput,
  container: Container,
  latest: EndedRun,
): Pick<ContainerStatus, 'state' | 'ready'> & { readonly lastState?: ContainerState } {
  const problem = input.containerProblems.get(container.name);
  const decision = decideRestart(restartPolicyOf(input.pod, container, latest), latest);
  const ended = terminated(input.pod, container, latest);
  // why: an init container that succeeded is ready, as upstream shows it
  const ready = latest.state.exitCode === 0 && input.pod.spec.initContainers?.includes(container) === true;
  if (decision.kind === 'none' || input.isOver) return { state: ended, ready };
  const message = `back-off ${formatDelay(decision.delayMs)} restarting failed container=${container.name} pod=${podLabel(input.pod)}`;
  const backOff = decision.delayMs > 0 ? waiting({ reason: 'CrashLoopBackOff', message }) : ended;
  return { state: problem === undefined ? backOff : waiting(problem), lastState: ended, ready: false };
}

function terminated(pod: Pod, container: Container, run: ObservedRun): ContainerState {
  if (run.state.phase !== 'exited') return {};
  const { exitCode, reason, message, startedAtMs, finishedAtMs } = run.state;
  return {
    terminated: {
      exitCode,
      reason,
      ...(message === undefined ? {} : { message }),
      startedAt: formatTime(startedAtMs),
      finishedAt: formatTime(finishedAtMs),
      containerID: containerIdOf(pod, container, run),
    },
  };
}

/** `runc://` and the id that `runc state` takes. Pure. */
export function containerIdOf(pod: Pod, container: Container, run: ObservedRun): string {
  return `runc://${pod.metadata.uid}.${container.name}.${run.record.attempt}`;
}

/** What the API knows of a container or init container of the pod. Pure. */
export function statusOfContainer({ status }: Pod, name: string): ContainerStatus | undefined {
  return [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ].find((found) => found.name === name);
}

function formatDelay(delayMs: number): string {
  const seconds = Math.round(delayMs / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
