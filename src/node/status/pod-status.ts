import type { StatusInput } from './observed-pod.ts';
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '#api/generated/kubernetes.ts';
import { formatTime } from '#kit/clock.ts';
import { containerStatus } from './container-status.ts';
import { isInitDone } from './progress.ts';
import { isSidecar } from './restart.ts';

/** The whole `status` of a pod from what is found; parts that others own (conditions of other types, nominations) are kept. Pure. */
export function computeStatus(input: StatusInput): PodStatus {
  const { pod, nowMs, hostIp } = input;
  const initContainers = pod.spec.initContainers ?? [];
  const isInitialized = initContainers.every((container) => isInitDone(pod, container, input.observed));
  const initStatuses = initContainers.map((container) => containerStatus(input, container, 'PodInitializing'));
  const statuses = pod.spec.containers.map((container) =>
    containerStatus(input, container, isInitialized ? 'ContainerCreating' : 'PodInitializing'),
  );
  const sidecars = initContainers.filter(isSidecar).map(({ name }) => name);
  const sidecarStatuses = initStatuses.filter(({ name }) => sidecars.includes(name));
  const phase = phaseOf(input, isInitialized);
  const isFinal = phase === 'Succeeded' || phase === 'Failed';
  return {
    ...pod.status,
    observedGeneration: pod.metadata.generation,
    phase,
    ...input.failure,
    conditions: mergeConditions(
      pod.status?.conditions ?? [],
      conditionsOf({ input, phase, isInitialized, statuses: [...sidecarStatuses, ...statuses] }),
      { nowMs, generation: pod.metadata.generation },
    ),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(isFinal ? {} : addressesOf(input)),
    startTime: pod.status?.startTime ?? formatTime(nowMs),
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    containerStatuses: statuses,
    ...ephemeralStatuses(input),
  };
}

function ephemeralStatuses(input: StatusInput): Pick<PodStatus, 'ephemeralContainerStatuses'> {
  const { ephemeralContainers = [] } = input.pod.spec;
  if (ephemeralContainers.length === 0) return {};
  return { ephemeralContainerStatuses: ephemeralContainers.map((container) => containerStatus(input, container, 'ContainerCreating')) };
}

function addressesOf({ pod, hostIp, podIp }: StatusInput): Pick<PodStatus, 'podIP' | 'podIPs'> {
  const podIP = pod.spec.hostNetwork === true ? hostIp : podIp;
  return podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] };
}

function phaseOf({ pod, observed, isOver, failure }: StatusInput, isInitialized: boolean): string {
  // why: a pod that is over never runs again, whatever is found of it (it may have been failed from outside)
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return phase;
  if (failure !== undefined) return 'Failed';
  const runs = pod.spec.containers.map((container) => observed.get(container.name)?.latest);
  if (isOver) {
    const hasSucceeded = isInitialized && runs.every((run) => run?.state.phase === 'exited' && run.state.exitCode === 0);
    return hasSucceeded ? 'Succeeded' : 'Failed';
  }
  const hasStarted = runs.every((run) => run !== undefined && (run.state.phase !== 'starting' || run.record.attempt > 0));
  return isInitialized && hasStarted ? 'Running' : 'Pending';
}

interface ConditionInput {
  readonly input: StatusInput;
  readonly phase: string;
  readonly isInitialized: boolean;
  readonly statuses: readonly ContainerStatus[];
}

type Finding = Pick<PodCondition, 'type' | 'status'> & { readonly reason?: string; readonly message?: string };

function conditionsOf({ input, phase, isInitialized, statuses }: ConditionInput): Finding[] {
  const inits = (input.pod.spec.initContainers ?? []).filter((container) => !isInitDone(input.pod, container, input.observed));
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
    { type: 'Ready', ...(readiness.status === 'True' ? gatesOf(input.pod) : readiness) },
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

/** The pod's own demands on its readiness: conditions that others set (core/v1 PodReadinessGate). */
function gatesOf({ spec, status }: Pod): Omit<Finding, 'type'> {
  const messages: string[] = [];
  for (const { conditionType } of spec.readinessGates ?? []) {
    const found = status?.conditions?.find(({ type }) => type === conditionType);
    if (found === undefined) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (found.status !== 'True')
      messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`);
  }
  return messages.length === 0 ? { status: 'True' } : { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function mergeConditions(
  existing: readonly PodCondition[],
  findings: readonly Finding[],
  { nowMs, generation }: { readonly nowMs: number; readonly generation: number | undefined },
): PodCondition[] {
  const own = findings.map((finding) => {
    const before = existing.find((condition) => condition.type === finding.type);
    const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : formatTime(nowMs);
    return {
      ...finding,
      lastProbeTime: before?.lastProbeTime,
      lastTransitionTime,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
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
