import { describe, expect, it } from 'vitest';
import type { Container, Pod, PodStatus } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import type { ContainerHealth } from '../containers/container-runtime.ts';
import type { ObservedRun, RunRecord, RunState } from '../containers/run-state.ts';
import { computeStatus, qosClassOf } from './pod-status.ts';
import type { StatusInput } from './observed-pod.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const running: RunState = { phase: 'running', startedAtMs: NOW - 60_000, pid: 7 };
const starting: RunState = { phase: 'starting' };
const exited = (exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error'): RunState => ({
  phase: 'exited',
  startedAtMs: NOW - 60_000,
  finishedAtMs: NOW - 1_000,
  exitCode,
  reason,
});

function aRun(state: RunState, over: Partial<RunRecord> = {}): ObservedRun {
  return {
    record: { attempt: 0, restartCount: 0, backoffStep: 0, createdAtMs: NOW, image: 'busybox', imageId: 'img@1', bootId: 'b', ...over },
    state,
  };
}

function statusOf(pod: Pod, runs: Readonly<Record<string, ObservedRun>>, over: Partial<StatusInput> = {}): PodStatus {
  const observed = new Map(Object.entries(runs).map(([name, latest]) => [name, { latest }]));
  return computeStatus({
    pod,
    observed,
    nowMs: NOW,
    hostIp: '10.0.0.1',
    isPrepared: true,
    isOver: false,
    containerProblems: new Map(),
    ...over,
  });
}

const pod = aStoredPod({ uid: 'u1' });
const never = aStoredPod({ uid: 'u1', spec: { restartPolicy: 'Never' } });
const condition = (status: PodStatus, type: string) => status.conditions?.find((found) => found.type === type);

it('API-5: tells of a container that was started what it may take, and which generation of the pod was seen', () => {
  const resources = { limits: { cpu: '1' }, requests: { cpu: '500m' } };
  const limited = { ...aStoredPod({ container: { resources } }) };
  const seen = { ...limited, metadata: { ...limited.metadata, generation: 7 } };
  const status = statusOf(seen, { main: aRun(running) });
  expect(status).toMatchObject({ observedGeneration: 7, containerStatuses: [{ resources, allocatedResources: { cpu: '500m' } }] });
  expect(status.conditions?.every(({ observedGeneration }) => observedGeneration === 7)).toBe(true);
  expect(statusOf(pod, { main: aRun(running) }).containerStatuses?.[0]).toMatchObject({ resources: {} });
});

describe('phase and container state', () => {
  const loop = aRun(exited(1), { attempt: 2, restartCount: 2, backoffStep: 2 });
  it.each<{
    name: string;
    pod?: Pod;
    runs: Record<string, ObservedRun>;
    over?: Partial<StatusInput>;
    phase: string;
    state: unknown;
    ready?: boolean;
  }>([
    { name: 'nothing started', runs: {}, phase: 'Pending', state: { waiting: { reason: 'ContainerCreating' } } },
    { name: 'starting', runs: { main: aRun(starting) }, phase: 'Pending', state: { waiting: { reason: 'ContainerCreating' } } },
    {
      name: 'starting again',
      runs: { main: aRun(starting, { attempt: 1 }) },
      phase: 'Running',
      state: { waiting: { reason: 'ContainerCreating' } },
    },
    {
      name: 'running',
      runs: { main: aRun(running) },
      phase: 'Running',
      state: { running: { startedAt: '2026-03-01T09:59:00Z' } },
      ready: true,
    },
    {
      name: 'waits for its volumes',
      runs: {},
      over: { podProblem: { reason: 'ContainerCreating', message: 'no claim' } },
      phase: 'Pending',
      state: { waiting: { reason: 'ContainerCreating', message: 'no claim' } },
    },
    {
      name: 'waits for its image',
      runs: {},
      over: { containerProblems: new Map([['main', { reason: 'ErrImagePull', message: 'none' }]]) },
      phase: 'Pending',
      state: { waiting: { reason: 'ErrImagePull', message: 'none' } },
    },
    { name: 'ended and about to run again', runs: { main: aRun(exited(1)) }, phase: 'Running', state: { terminated: { exitCode: 1 } } },
    {
      name: 'in a crash loop',
      runs: { main: loop },
      phase: 'Running',
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s restarting failed container=main pod=web_default(u1)' } },
    },
    {
      name: 'succeeded',
      pod: never,
      runs: { main: aRun(exited(0)) },
      over: { isOver: true },
      phase: 'Succeeded',
      state: { terminated: { exitCode: 0, reason: 'Completed', containerID: 'runc://u1.main.0', finishedAt: '2026-03-01T09:59:59Z' } },
    },
    {
      name: 'failed',
      pod: never,
      runs: { main: aRun(exited(137, 'OOMKilled')) },
      over: { isOver: true },
      phase: 'Failed',
      state: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    },
  ])('$name → $phase', ({ pod: subject = pod, runs, over, phase, state, ready = false }) => {
    const status = statusOf(subject, runs, over);
    expect(status.phase).toBe(phase);
    expect(status.containerStatuses?.[0]).toMatchObject({ state, ready });
    expect(condition(status, 'Ready')?.status).toBe(ready ? 'True' : 'False');
    expect(condition(status, 'ContainersReady')?.status).toBe(ready ? 'True' : 'False');
  });

  it('shows the end of the last run beside the one that runs, and the count', () => {
    const latest = aRun(running, { attempt: 3, restartCount: 2 });
    const observed = new Map([['main', { latest, previous: aRun(exited(9), { attempt: 2 }) }]]);
    expect(statusOf(pod, {}, { observed }).containerStatuses?.[0]).toMatchObject({
      restartCount: 2,
      containerID: 'runc://u1.main.3',
      imageID: 'img@1',
      lastState: { terminated: { exitCode: 9, containerID: 'runc://u1.main.2' } },
    });
  });
});

describe('init containers', () => {
  const init: Container = { name: 'init', image: 'busybox' };
  const withInit = aStoredPod({ spec: { initContainers: [init] } });
  const withSidecar = aStoredPod({ spec: { initContainers: [{ ...init, restartPolicy: 'Always' }] } });
  it.each([
    { name: 'not started', pod: withInit, runs: {}, initialized: 'False', waits: 'PodInitializing' },
    { name: 'running', pod: withInit, runs: { init: aRun(running) }, initialized: 'False', waits: 'PodInitializing' },
    { name: 'failed', pod: withInit, runs: { init: aRun(exited(1)) }, initialized: 'False', waits: 'PodInitializing' },
    { name: 'done', pod: withInit, runs: { init: aRun(exited(0)) }, initialized: 'True', waits: 'ContainerCreating' },
    { name: 'sidecar starting', pod: withSidecar, runs: { init: aRun(starting) }, initialized: 'False', waits: 'PodInitializing' },
    { name: 'sidecar running', pod: withSidecar, runs: { init: aRun(running) }, initialized: 'True', waits: 'ContainerCreating' },
  ])('$name: Initialized $initialized', ({ pod: subject, runs, initialized, waits }) => {
    const status = statusOf(subject, runs);
    expect(condition(status, 'Initialized')?.status).toBe(initialized);
    expect(status.containerStatuses?.[0]?.state?.waiting?.reason).toBe(waits);
  });

  it('an init container that succeeded counts as ready', () => {
    expect(statusOf(withInit, { init: aRun(exited(0)) }).initContainerStatuses?.[0]?.ready).toBe(true);
  });
});

describe('what stays', () => {
  it('keeps conditions of others, and the times of conditions that did not change', () => {
    const gate = { type: 'example.com/gate', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-02-02T00:00:00Z' };
    const initialized = { type: 'Initialized', status: 'False', lastTransitionTime: '2026-02-02T00:00:00Z' };
    const subject = aStoredPod({ status: { conditions: [gate, ready, initialized], startTime: '2026-02-01T00:00:00Z' } });
    const status = statusOf(subject, { main: aRun(running) });
    expect(condition(status, gate.type)).toEqual(gate);
    expect(condition(status, 'Ready')?.lastTransitionTime).toBe('2026-02-02T00:00:00Z');
    expect(condition(status, 'Initialized')?.lastTransitionTime).toBe('2026-03-01T10:00:00Z');
    expect(status.startTime).toBe('2026-02-01T00:00:00Z');
  });

  it('is the same when it is computed again, so that nothing is written', () => {
    const first = statusOf(pod, { main: aRun(running) });
    const second = statusOf({ ...pod, status: first }, { main: aRun(running) }, { nowMs: NOW + 60_000 });
    expect(JSON.parse(JSON.stringify(second))).toEqual(JSON.parse(JSON.stringify(first)));
  });

  it('shows the address of the host for pods in its network only', () => {
    expect(statusOf(pod, {})).toMatchObject({ hostIP: '10.0.0.1' });
    expect(statusOf(pod, {}).podIP).toBeUndefined();
    expect(statusOf(aStoredPod({ spec: { hostNetwork: true } }), {}).podIP).toBe('10.0.0.1');
  });
});

it.each([
  { resources: {}, want: 'BestEffort' },
  { resources: { requests: { cpu: '1' } }, want: 'Burstable' },
  { resources: { limits: { cpu: '1' } }, want: 'Burstable' },
  { resources: { limits: { cpu: '1', memory: '1Gi' } }, want: 'Guaranteed' },
  { resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }, want: 'Burstable' },
])('quality of service of $resources is $want', ({ resources, want }) => {
  expect(qosClassOf(aStoredPod({ container: { resources } }))).toBe(want);
});

describe('what probes say', () => {
  const health = (isStarted: boolean, isReady: boolean) => ({ isStarted, isReady });
  const observe = (runs: Record<string, ContainerHealth>) =>
    new Map(Object.entries(runs).map(([name, found]) => [name, { latest: aRun(running), health: found }]));
  const withSidecar = aStoredPod({ uid: 'u1', spec: { initContainers: [{ name: 'side', restartPolicy: 'Always' }] } });

  it('a container that is not ready takes Ready from its pod, and runs on', () => {
    const status = statusOf(pod, {}, { observed: observe({ main: health(true, false) }) });
    expect(status.containerStatuses?.[0]).toMatchObject({ ready: false, started: true, state: { running: {} } });
    expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason: 'ContainersNotReady' });
  });

  it('the readiness of a sidecar counts', () => {
    const status = statusOf(withSidecar, {}, { observed: observe({ side: health(true, false), main: health(true, true) }) });
    expect(condition(status, 'ContainersReady')).toMatchObject({ message: 'containers with unready status: [side]' });
  });

  it('a sidecar that has not started keeps the pod from being initialised', () => {
    const status = statusOf(withSidecar, {}, { observed: observe({ side: health(false, false) }) });
    expect(condition(status, 'Initialized')).toMatchObject({ status: 'False', reason: 'ContainersNotInitialized' });
    expect(status.phase).toBe('Pending');
  });

  it.each([
    { name: 'missing', conditions: [], message: 'corresponding condition of pod readiness gate "x/y" does not exist.' },
    {
      name: 'false',
      conditions: [{ type: 'x/y', status: 'False' }],
      message: 'the status of pod readiness gate "x/y" is not "True", but False',
    },
    { name: 'true', conditions: [{ type: 'x/y', status: 'True' }], message: undefined },
  ])('a readiness gate that is $name', ({ conditions, message }) => {
    const gated = aStoredPod({ uid: 'u1', spec: { readinessGates: [{ conditionType: 'x/y' }] }, status: { conditions } });
    const status = statusOf(gated, { main: aRun(running) });
    expect(condition(status, 'ContainersReady')).toMatchObject({ status: 'True' });
    expect(condition(status, 'Ready')).toMatchObject(
      message === undefined ? { status: 'True' } : { status: 'False', reason: 'ReadinessGatesNotReady', message },
    );
  });

  it('a container whose postStart hook is at work waits', () => {
    const hooked = aStoredPod({ uid: 'u1', container: { lifecycle: { postStart: { exec: { command: ['true'] } } } } });
    expect(statusOf(hooked, { main: aRun(running) }).containerStatuses?.[0]).toMatchObject({
      state: { waiting: { reason: 'ContainerCreating' } },
      ready: false,
      started: false,
    });
    const done = statusOf(hooked, { main: { ...aRun(running), postStart: 'done' } });
    expect(done.containerStatuses?.[0]).toMatchObject({ ready: true, started: true });
  });
});

it('a pod that was active for too long is Failed for that reason', () => {
  const failure = { reason: 'DeadlineExceeded', message: 'too long' };
  expect(statusOf(pod, { main: aRun(exited(0)) }, { isOver: true, failure })).toMatchObject({ phase: 'Failed', ...failure });
});
