import { describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import type { ObservedContainer } from '../containers/container-runtime.ts';
import type { ObservedRun, RunRecord, RunState } from '../containers/run-state.ts';
import { type ObservedContainers, type PodPlan, planRunning, planStopping, sidecarsOf } from './plan.ts';

const NOW = 1_000_000;
const running: RunState = { phase: 'running', startedAtMs: NOW - 1_000, pid: 7 };
const starting: RunState = { phase: 'starting' };

function exited(exitCode: number, over: { readonly ranMs?: number; readonly agoMs?: number } = {}): RunState {
  const finishedAtMs = NOW - (over.agoMs ?? 0);
  const startedAtMs = finishedAtMs - (over.ranMs ?? 100);
  return { phase: 'exited', startedAtMs, finishedAtMs, exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
}

function aRun(state: RunState, over: Partial<RunRecord> & Omit<Partial<ObservedRun>, 'record' | 'state'> = {}): ObservedRun {
  const { termAtMs, platformStopAtMs, shimPid, ...record } = over;
  const base = { attempt: 0, restartCount: 0, backoffStep: 0, createdAtMs: NOW, image: 'busybox', imageId: 'id', bootId: 'boot' };
  return { record: { ...base, ...record }, state, termAtMs, platformStopAtMs, shimPid };
}

function seen(runs: Readonly<Record<string, ObservedRun>>): ObservedContainers {
  return new Map(Object.entries(runs).map(([name, latest]): [string, ObservedContainer] => [name, { latest }]));
}

const container = (name: string, over: Partial<Container> = {}): Container => ({ name, image: 'busybox', ...over });

function aPod(spec: Partial<PodSpec>) {
  return aStoredPod({ spec: { containers: [container('main')], ...spec } });
}

/** `start main#1` and the like, so that a table row fits on a line. */
function words({ actions, stage }: PodPlan): string[] {
  return [
    ...actions.map((action) =>
      action.kind === 'start' ? `start ${action.container.name}#${action.attempt}` : `${action.kind} ${action.container}`,
    ),
    stage,
  ];
}

describe('planRunning', () => {
  const inits = { initContainers: [container('one'), container('two')] };
  const sidecar = { initContainers: [container('side', { restartPolicy: 'Always' })] };
  it.each<{ name: string; spec: Partial<PodSpec>; runs: Record<string, ObservedRun>; want: string[]; wakeAtMs?: number }>([
    { name: 'starts what was never started', spec: {}, runs: {}, want: ['start main#0', 'active'] },
    { name: 'leaves a running container alone', spec: {}, runs: { main: aRun(running) }, want: ['active'] },
    { name: 'waits for a start', spec: {}, runs: { main: aRun(starting) }, want: ['active'], wakeAtMs: NOW + 1_000 },
    {
      name: 'ends a start that hangs',
      spec: {},
      runs: { main: aRun(starting, { createdAtMs: NOW - 30_000 }) },
      want: ['kill main', 'active'],
      wakeAtMs: NOW + 1_000,
    },
    { name: 'Never: success is the end', spec: { restartPolicy: 'Never' }, runs: { main: aRun(exited(0)) }, want: ['over'] },
    { name: 'Never: failure is the end', spec: { restartPolicy: 'Never' }, runs: { main: aRun(exited(1)) }, want: ['over'] },
    { name: 'OnFailure: success is the end', spec: { restartPolicy: 'OnFailure' }, runs: { main: aRun(exited(0)) }, want: ['over'] },
    {
      name: 'OnFailure: failure runs again',
      spec: { restartPolicy: 'OnFailure' },
      runs: { main: aRun(exited(1)) },
      want: ['start main#1', 'active'],
    },
    { name: 'Always: the first end runs again at once', spec: {}, runs: { main: aRun(exited(0)) }, want: ['start main#1', 'active'] },
    {
      name: 'Always: the second end waits 10 s',
      spec: {},
      runs: { main: aRun(exited(1), { attempt: 1, backoffStep: 1 }) },
      want: ['active'],
      wakeAtMs: NOW + 10_000,
    },
    {
      name: 'Always: and runs again when they are over',
      spec: {},
      runs: { main: aRun(exited(1, { agoMs: 10_000 }), { attempt: 1, backoffStep: 1 }) },
      want: ['start main#2', 'active'],
    },
    {
      name: 'Never: what the platform stopped runs again',
      spec: { restartPolicy: 'Never' },
      runs: { main: aRun(exited(143), { platformStopAtMs: NOW - 10 }) },
      want: ['start main#1', 'active'],
    },
    { name: 'init containers: the first alone', spec: inits, runs: {}, want: ['start one#0', 'active'] },
    { name: 'init containers: the second after the first', spec: inits, runs: { one: aRun(exited(0)) }, want: ['start two#0', 'active'] },
    { name: 'init containers: nothing beside a running one', spec: inits, runs: { one: aRun(running) }, want: ['active'] },
    {
      name: 'init containers: the others after all',
      spec: inits,
      runs: { one: aRun(exited(0)), two: aRun(exited(0)) },
      want: ['start main#0', 'active'],
    },
    { name: 'init containers: a failure runs again', spec: inits, runs: { one: aRun(exited(1)) }, want: ['start one#1', 'active'] },
    {
      name: 'init containers: a failure of a Never pod is the end',
      spec: { ...inits, restartPolicy: 'Never' },
      runs: { one: aRun(exited(1)) },
      want: ['over'],
    },
    {
      name: 'sidecars: the others wait until it runs',
      spec: sidecar,
      runs: { side: aRun(starting) },
      want: ['active'],
      wakeAtMs: NOW + 1_000,
    },
    { name: 'sidecars: the others start beside it', spec: sidecar, runs: { side: aRun(running) }, want: ['start main#0', 'active'] },
    {
      name: 'sidecars: come back even after success',
      spec: { ...sidecar, restartPolicy: 'Never' },
      runs: { side: aRun(exited(0)), main: aRun(running) },
      want: ['start side#1', 'active'],
    },
    {
      name: 'sidecars: end when the others have',
      spec: { ...sidecar, restartPolicy: 'Never' },
      runs: { side: aRun(running), main: aRun(exited(0)) },
      want: ['terminate side', 'active'],
      wakeAtMs: NOW + 30_000,
    },
    {
      name: 'two containers: one that ended waits for the other',
      spec: { restartPolicy: 'Never', containers: [container('a'), container('b')] },
      runs: { a: aRun(exited(0)), b: aRun(running) },
      want: ['active'],
    },
  ])('$name', ({ spec, runs, want, wakeAtMs }) => {
    const plan = planRunning(aPod(spec), seen(runs), NOW);
    expect(words(plan)).toEqual(want);
    expect(plan.wakeAtMs).toBe(wakeAtMs);
  });

  it('goes on counting where the node lost its files but the API knows the count', () => {
    const status = { containerStatuses: [{ name: 'main', image: '', imageID: '', ready: true, restartCount: 4, containerID: 'runc://x' }] };
    const plan = planRunning(aStoredPod({ status }), new Map(), NOW);
    expect(plan.actions).toMatchObject([{ kind: 'start', attempt: 0, restartCount: 5 }]);
  });

  it('counts a restart, but not one that the platform made necessary', () => {
    const restart = (run: ObservedRun) => planRunning(aPod({}), seen({ main: run }), NOW).actions[0];
    expect(restart(aRun(exited(1), { restartCount: 2 }))).toMatchObject({ restartCount: 3, backoffStep: 1 });
    expect(restart(aRun(exited(143), { restartCount: 2, platformStopAtMs: NOW }))).toMatchObject({ restartCount: 2, backoffStep: 0 });
  });
});

describe('planStopping', () => {
  it.each<{ name: string; runs: Record<string, ObservedRun>; graceMs: number; want: string[]; wakeAtMs?: number }>([
    { name: 'nothing runs', runs: { main: aRun(exited(0)) }, graceMs: 30_000, want: ['over'] },
    { name: 'asks first', runs: { main: aRun(running) }, graceMs: 30_000, want: ['terminate main', 'active'], wakeAtMs: NOW + 30_000 },
    {
      name: 'waits for the grace that is left',
      runs: { main: aRun(running, { termAtMs: NOW - 10_000 }) },
      graceMs: 30_000,
      want: ['active'],
      wakeAtMs: NOW + 20_000,
    },
    {
      name: 'kills when the grace is over',
      runs: { main: aRun(running, { termAtMs: NOW - 30_000 }) },
      graceMs: 30_000,
      want: ['kill main', 'active'],
      wakeAtMs: NOW + 1_000,
    },
    {
      name: 'kills at once without grace',
      runs: { main: aRun(running) },
      graceMs: 0,
      want: ['kill main', 'active'],
      wakeAtMs: NOW + 1_000,
    },
    {
      name: 'a shorter grace counts from the first request',
      runs: { main: aRun(running, { termAtMs: NOW - 3_000 }) },
      graceMs: 2_000,
      want: ['kill main', 'active'],
      wakeAtMs: NOW + 1_000,
    },
    {
      name: 'waits for a shim that tidies up',
      runs: { main: aRun(exited(0), { shimPid: 9 }) },
      graceMs: 0,
      want: ['active'],
      wakeAtMs: NOW + 20,
    },
    { name: 'waits for a start to show what it is', runs: { main: aRun(starting) }, graceMs: 0, want: ['active'], wakeAtMs: NOW + 1_000 },
    {
      name: 'sidecars wait for the others',
      runs: { side: aRun(running), main: aRun(running) },
      graceMs: 5_000,
      want: ['terminate main', 'active'],
      wakeAtMs: NOW + 5_000,
    },
    {
      name: 'sidecars end after the others',
      runs: { side: aRun(running), main: aRun(exited(0)) },
      graceMs: 5_000,
      want: ['terminate side', 'active'],
      wakeAtMs: NOW + 5_000,
    },
  ])('$name', ({ runs, graceMs, want, wakeAtMs }) => {
    const plan = planStopping(seen(runs), { graceMs, nowMs: NOW, last: new Set(['side']) });
    expect(words(plan)).toEqual(want);
    expect(plan.wakeAtMs).toBe(wakeAtMs);
  });
});

it('sidecarsOf: init containers that always run', () => {
  expect(sidecarsOf(aPod({ initContainers: [container('a'), container('b', { restartPolicy: 'Always' })] }))).toEqual(new Set(['b']));
});
