import { describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import type { ObservedContainer } from '../containers/container-runtime.ts';
import type { ObservedRun, RunRecord, RunState } from '../containers/run-state.ts';
import { type PodAction, type PodPlan, planRunning, planStopping, sidecarsOf } from './plan.ts';
import type { ObservedContainers } from '../status/observed-pod.ts';

const NOW = 1_000_000;
const running: RunState = { phase: 'running', startedAtMs: NOW - 1_000, pid: 7 };
const starting: RunState = { phase: 'starting' };

function exited(exitCode: number, over: { readonly ranMs?: number; readonly agoMs?: number } = {}): RunState {
  const finishedAtMs = NOW - (over.agoMs ?? 0);
  const startedAtMs = finishedAtMs - (over.ranMs ?? 100);
  return { phase: 'exited', startedAtMs, finishedAtMs, exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
}

function aRun(state: RunState, over: Partial<RunRecord> & Omit<Partial<ObservedRun>, 'record' | 'state'> = {}): ObservedRun {
  const { termAtMs, signaledAtMs = termAtMs, postStart, platformStopAtMs, shimPid, ...record } = over;
  const base = { attempt: 0, restartCount: 0, backoffStep: 0, createdAtMs: NOW, image: 'busybox', imageId: 'id', bootId: 'boot' };
  return { record: { ...base, ...record }, state, termAtMs, signaledAtMs, postStart, platformStopAtMs, shimPid };
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
  return [...actions.map((action) => wordsOf(action)), stage];
}

function wordsOf(action: PodAction): string {
  if (action.kind === 'start') return `start ${action.container.name}#${action.attempt}`;
  if (action.kind === 'post-start') return `post-start ${action.container.name}`;
  return `${action.kind} ${action.container}`;
}

describe('planRunning', () => {
  const inits = { initContainers: [container('one'), container('two')] };
  const sidecar = { initContainers: [container('side', { restartPolicy: 'Always' })] };
  it.each<{ name: string; spec: Partial<PodSpec>; runs: Record<string, ObservedRun>; want: string[]; wakeAtMs?: number }>([
    { name: 'starts what was never started', spec: {}, runs: {}, want: ['start main#0', 'active'] },
    { name: 'leaves a running container alone', spec: {}, runs: { main: aRun(running) }, want: ['active'] },
    {
      name: 'starts what was added for a look around, beside what hangs',
      spec: { ...inits, ephemeralContainers: [container('debug')] },
      runs: { one: aRun(running) },
      want: ['start debug#0', 'active'],
    },
    {
      name: 'does not start it again, nor wait for it',
      spec: { restartPolicy: 'Always', ephemeralContainers: [container('debug')] },
      runs: { main: aRun(running), debug: aRun(exited(1)) },
      want: ['active'],
    },
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
      name: 'sidecars: come back while the others run, and hold nobody up',
      spec: sidecar,
      runs: { side: aRun(exited(1), { attempt: 1, backoffStep: 1 }), main: aRun(exited(1)) },
      want: ['start main#1', 'active'],
      wakeAtMs: NOW + 10_000,
    },
    {
      name: 'hooks: the one after a start runs, and those after it wait',
      spec: { containers: [container('a', { lifecycle: { postStart: {} } }), container('b')] },
      runs: { a: aRun(running) },
      want: ['post-start a', 'active'],
    },
    {
      name: 'hooks: those after it start when it is through',
      spec: { containers: [container('a', { lifecycle: { postStart: {} } }), container('b')] },
      runs: { a: aRun(running, { postStart: 'done' }) },
      want: ['start b#0', 'active'],
    },
    {
      name: 'hooks: a start whose hook failed is ended',
      spec: { containers: [container('main', { lifecycle: { postStart: {} } })] },
      runs: { main: aRun(running, { postStart: 'failed' }) },
      want: ['terminate main', 'active'],
      wakeAtMs: NOW + 30_000,
    },
    {
      name: 'an end that was begun goes on after a restart of the platform',
      spec: {},
      runs: { main: aRun(running, { termAtMs: NOW - 30_000 }) },
      want: ['kill main', 'active'],
      wakeAtMs: NOW + 1_000,
    },
    {
      name: 'a rule restarts by exit code although the container says Never',
      spec: {
        restartPolicy: 'Never',
        containers: [container('main', { restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] })],
      },
      runs: { main: aRun(exited(42)) },
      want: ['start main#1', 'active'],
    },
    {
      name: 'another exit code is no matter of the rule',
      spec: {
        restartPolicy: 'Never',
        containers: [container('main', { restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] })],
      },
      runs: { main: aRun(exited(41)) },
      want: ['over'],
    },
    {
      name: 'a container has a policy of its own',
      spec: { restartPolicy: 'Never', containers: [container('main', { restartPolicy: 'OnFailure' })] },
      runs: { main: aRun(exited(1)) },
      want: ['start main#1', 'active'],
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

  it.each([{ policy: 'Always' }, { policy: 'Never' }] as const)(
    'ends a run of an image that the pod does not name any more, and runs the new one: $policy',
    ({ policy }) => {
      const pod = aPod({ containers: [container('main', { image: 'busybox:2' })], restartPolicy: policy });
      const ending = planRunning(pod, seen({ main: aRun(running) }), NOW);
      expect(ending.actions).toMatchObject([
        { kind: 'terminate', container: 'main', graceMs: 30_000, why: 'Container main definition changed, will be restarted' },
      ]);
      const next = planRunning(pod, seen({ main: aRun(exited(143), { termAtMs: NOW - 500, backoffStep: 3 }) }), NOW);
      expect(next.actions).toMatchObject([{ kind: 'start', attempt: 1, restartCount: 1, backoffStep: 0 }]);
      expect(words(planRunning(pod, seen({ main: aRun(running, { image: 'busybox:2' }) }), NOW))).toEqual(['active']);
    },
  );

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

describe('planRunning with probes', () => {
  const sidecar = { initContainers: [container('side', { restartPolicy: 'Always' })] };
  const of = (health: ObservedContainer['health'], run = aRun(running)): ObservedContainer => ({ latest: run, health });
  it.each<{
    name: string;
    spec: Partial<PodSpec>;
    seen: Record<string, ObservedContainer>;
    want: string[];
    wakeAtMs?: number;
    why?: string;
  }>([
    {
      name: 'the others wait for a sidecar’s startup probe',
      spec: sidecar,
      seen: { side: of({ isStarted: false, isReady: false }) },
      want: ['active'],
    },
    {
      name: 'and not for its readiness',
      spec: sidecar,
      seen: { side: of({ isStarted: true, isReady: false }) },
      want: ['start main#0', 'active'],
    },
    {
      name: 'a failed liveness probe ends the container within the pod’s grace',
      spec: {},
      seen: { main: of({ isStarted: true, isReady: true, failure: { probe: 'liveness' } }) },
      want: ['terminate main', 'active'],
      wakeAtMs: NOW + 30_000,
      why: 'Container main failed liveness probe, will be restarted',
    },
    {
      name: 'or within the probe’s own',
      spec: { restartPolicy: 'Never' },
      seen: { main: of({ isStarted: false, isReady: false, failure: { probe: 'startup', graceSec: 5 } }) },
      want: ['terminate main', 'active'],
      wakeAtMs: NOW + 5_000,
      why: 'Container main failed startup probe',
    },
    {
      name: 'and at once where that is none',
      spec: {},
      seen: { main: of({ isStarted: true, isReady: true, failure: { probe: 'liveness', graceSec: 0 } }) },
      want: ['kill main', 'active'],
      wakeAtMs: NOW + 1_000,
    },
    {
      name: 'after the grace it is killed',
      spec: {},
      seen: { main: of({ isStarted: true, isReady: true, failure: { probe: 'liveness' } }, aRun(running, { termAtMs: NOW - 30_000 })) },
      want: ['kill main', 'active'],
      wakeAtMs: NOW + 1_000,
    },
  ])('$name', ({ spec, seen: observed, want, wakeAtMs, why }) => {
    const plan = planRunning(aPod(spec), new Map(Object.entries(observed)), NOW);
    expect(words(plan)).toEqual(want);
    expect(plan.wakeAtMs).toBe(wakeAtMs);
    const [action] = plan.actions;
    if (why !== undefined) expect(action).toMatchObject({ why });
  });
});

describe('the grace of ends', () => {
  it.each<{ name: string; run: ObservedRun; want: string[]; wakeAtMs: number }>([
    {
      name: 'a hook at work is looked after until the grace is over',
      run: { ...aRun(running, { termAtMs: NOW - 1_000 }), signaledAtMs: undefined },
      want: ['terminate main', 'active'],
      wakeAtMs: NOW + 9_000,
    },
    {
      name: 'after a hook that took all of it, two seconds are left',
      run: aRun(running, { termAtMs: NOW - 10_000, signaledAtMs: NOW - 500 }),
      want: ['active'],
      wakeAtMs: NOW + 1_500,
    },
    {
      name: 'and then no more',
      run: aRun(running, { termAtMs: NOW - 12_000, signaledAtMs: NOW - 2_000 }),
      want: ['kill main', 'active'],
      wakeAtMs: NOW + 1_000,
    },
  ])('$name', ({ run, want, wakeAtMs }) => {
    const plan = planStopping(seen({ main: run }), { graceMs: 10_000, nowMs: NOW });
    expect(words(plan)).toEqual(want);
    expect(plan.wakeAtMs).toBe(wakeAtMs);
  });

  it('sidecars end one after the other, with what the others left of the pod’s grace', () => {
    const runs = seen({ a: aRun(running), b: aRun(running), main: aRun(exited(0)) });
    const plan = planStopping(runs, { graceMs: 10_000, nowMs: NOW, sinceMs: NOW - 7_000, last: ['b', 'a'] });
    expect(words(plan)).toEqual(['terminate b', 'active']);
    expect(plan.actions[0]).toMatchObject({ graceMs: 3_000 });
    const late = planStopping(runs, { graceMs: 10_000, nowMs: NOW, sinceMs: NOW - 60_000, last: ['b', 'a'] });
    expect(late.actions[0]).toMatchObject({ graceMs: 2_000 });
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
    const plan = planStopping(seen(runs), { graceMs, nowMs: NOW, last: ['side'] });
    expect(words(plan)).toEqual(want);
    expect(plan.wakeAtMs).toBe(wakeAtMs);
  });
});

it('sidecarsOf: init containers that always run', () => {
  expect(sidecarsOf(aPod({ initContainers: [container('a'), container('b', { restartPolicy: 'Always' })] }))).toEqual(['b']);
});
