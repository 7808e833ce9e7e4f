import type { Container, ContainerState, ContainerStatus, Pod, PodCondition, PodStatus } from '#api/generated/kubernetes.ts';
import { assertNever } from '#kit/assert-never.ts';
import { formatTime } from '#kit/clock.ts';
import type { ObservedRun } from '../containers/run-state.ts';
import type { ObservedContainers } from './plan.ts';
import { decideRestart, isSidecar, restartPolicyOf } from './restart.ts';

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
  /** Volumes and network of the pod are there. */
  readonly isPrepared: boolean;
  /** Every container has ended for good. */
  readonly isOver: boolean;
  /** Why the pod as a whole waits. */
  readonly podProblem?: Problem | undefined;
  /** Why a container can't be started, by name. */
  readonly containerProblems: ReadonlyMap<string, Problem>;
}

/** The whole `status` of a pod from what is found; parts that others own (conditions of other types, nominations) are kept. Pure. */
export function computeStatus(input: StatusInput): PodStatus {
  const { pod, nowMs, hostIp } = input;
  const initContainers = pod.spec.initContainers ?? [];
  const isInitialized = initContainers.every((container) => isInitDone(container, input.observed.get(container.name)?.latest));
  const initStatuses = initContainers.map((container) => containerStatus(input, container, 'PodInitializing'));
  const statuses = pod.spec.containers.map((container) =>
    containerStatus(input, container, isInitialized ? 'ContainerCreating' : 'PodInitializing'),
  );
  const phase = phaseOf(input, isInitialized);
  const isFinal = phase === 'Succeeded' || phase === 'Failed';
  const addresses = pod.spec.hostNetwork === true ? { podIP: hostIp, podIPs: [{ ip: hostIp }] } : {};
  return {
    ...pod.status,
    phase,
    conditions: mergeConditions(pod.status?.conditions ?? [], conditionsOf({ input, phase, isInitialized, statuses }), nowMs),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(isFinal ? {} : addresses),
    startTime: pod.status?.startTime ?? formatTime(nowMs),
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    containerStatuses: statuses,
  };
}

function phaseOf({ pod, observed, isOver }: StatusInput, isInitialized: boolean): string {
  // why: a pod that is over never runs again, whatever is found of it (it may have been failed from outside)
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return phase;
  const runs = pod.spec.containers.map((container) => observed.get(container.name)?.latest);
  if (isOver) {
    const hasSucceeded = isInitialized && runs.every((run) => run?.state.phase === 'exited' && run.state.exitCode === 0);
    return hasSucceeded ? 'Succeeded' : 'Failed';
  }
  const hasStarted = runs.every((run) => run !== undefined && (run.state.phase !== 'starting' || run.record.attempt > 0));
  return isInitialized && hasStarted ? 'Running' : 'Pending';
}

function isInitDone(container: Container, run: ObservedRun | undefined): boolean {
  if (run === undefined) return false;
  // why: a sidecar counts as initialised once it has run, even while it restarts
  if (isSidecar(container)) return run.state.phase !== 'starting' || run.record.attempt > 0;
  return run.state.phase === 'exited' && run.state.exitCode === 0;
}

function containerStatus(input: StatusInput, container: Container, waitingReason: string): ContainerStatus {
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
  };
  const last = previous === undefined ? {} : { lastState: terminated(input.pod, container, previous) };
  switch (latest.state.phase) {
    case 'starting':
      return { ...known, ...last, state: waiting(problem ?? { reason: waitingReason }), ready: false, started: false };
    case 'running':
      return { ...known, ...last, state: { running: { startedAt: formatTime(latest.state.startedAtMs) } }, ready: true, started: true };
    case 'exited':
      return { ...known, ...last, ...endedStatus(input, container, { ...latest, state: latest.state }), started: false };
    default:
      return assertNever(latest.state);
  }
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
  const decision = decideRestart(restartPolicyOf(input.pod, container), latest);
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
function containerIdOf(pod: Pod, container: Container, run: ObservedRun): string {
  return `runc://${pod.metadata.uid}.${container.name}.${run.record.attempt}`;
}

interface ConditionInput {
  readonly input: StatusInput;
  readonly phase: string;
  readonly isInitialized: boolean;
  readonly statuses: readonly ContainerStatus[];
}

type Finding = Pick<PodCondition, 'type' | 'status'> & { readonly reason?: string; readonly message?: string };

function conditionsOf({ input, phase, isInitialized, statuses }: ConditionInput): Finding[] {
  const inits = (input.pod.spec.initContainers ?? []).filter(
    (container) => !isInitDone(container, input.observed.get(container.name)?.latest),
  );
  const unready = statuses.filter((status) => !status.ready).map((status) => status.name);
  const readiness = readinessOf(phase, unready);
  return [
    { type: 'PodReadyToStartContainers', status: input.isPrepared && !input.isOver ? 'True' : 'False' },
    isInitialized
      ? { type: 'Initialized', status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${inits.map((container) => container.name).join(' ')}]`,
        },
    { type: 'Ready', ...readiness },
    { type: 'ContainersReady', ...readiness },
    { type: 'PodScheduled', status: 'True' },
  ];
}

function readinessOf(phase: string, unready: readonly string[]): Omit<Finding, 'type'> {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  if (unready.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
}

function mergeConditions(existing: readonly PodCondition[], findings: readonly Finding[], nowMs: number): PodCondition[] {
  const own = findings.map((finding) => {
    const before = existing.find((condition) => condition.type === finding.type);
    const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : formatTime(nowMs);
    const { observedGeneration } = before ?? {};
    return {
      ...finding,
      lastProbeTime: before?.lastProbeTime,
      lastTransitionTime,
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
    };
  });
  return [...existing.filter((condition) => !findings.some((finding) => finding.type === condition.type)), ...own];
}

/** Guaranteed, Burstable or BestEffort (core/v1 PodQOSClass). Pure. */
export function qosClassOf(pod: Pod): string {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const named = ['cpu', 'memory'];
  const hasAny = containers.some((container) =>
    named.some((name) => container.resources?.limits?.[name] !== undefined || container.resources?.requests?.[name] !== undefined),
  );
  if (!hasAny) return 'BestEffort';
  const isGuaranteed = containers.every((container) =>
    named.every((name) => {
      const limit = container.resources?.limits?.[name];
      return limit !== undefined && (container.resources?.requests?.[name] ?? limit) === limit;
    }),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

/** `name_namespace(uid)`, as kubelet's messages name a pod. Pure. */
export function podLabel(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})`;
}

function formatDelay(delayMs: number): string {
  const seconds = Math.round(delayMs / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
