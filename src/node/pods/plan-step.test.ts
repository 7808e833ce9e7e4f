import { describe, expect, it } from 'vitest';
import { formatTime } from '#kit/clock.ts';
import type { PodStatus } from '#api/generated/kubernetes.ts';
import { aStoredPod, type PodOverrides } from '#testing/builders/pod.ts';
import type { ObservedContainers, Problem } from '../status/observed-pod.ts';
import { type PodStep, planStep } from './plan-step.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const ago = (ms: number): string => formatTime(NOW - ms);
const NOT_READY: Problem = { reason: 'NotPrivileged', message: 'pods can not run here' };
const NONE: ObservedContainers = new Map();

interface Row {
  readonly name: string;
  readonly pod: Parameters<typeof aStoredPod>[0] | 'unknown';
  readonly notReady?: Problem;
  readonly want: PodStep;
}

const sidecar: PodOverrides['spec'] = {
  initContainers: [{ name: 'a', restartPolicy: 'Always' }, { name: 'b', restartPolicy: 'Always' }, { name: 'once' }],
};
const begun: PodStatus = { phase: 'Running', startTime: ago(60_000) };

describe('planStep', () => {
  it.each<Row>([
    { name: 'what the API does not know goes', pod: 'unknown', want: { kind: 'remove' } },
    { name: 'and goes where no pod can run, too', pod: 'unknown', notReady: NOT_READY, want: { kind: 'remove' } },
    {
      name: 'a deleted pod has its grace since it was deleted',
      pod: { deletionTimestamp: ago(-20_000), deletionGracePeriodSeconds: 30 },
      want: { kind: 'delete', ending: { graceMs: 30_000, last: [], sinceMs: NOW - 10_000 } },
    },
    {
      name: 'a pod deleted by force has none',
      pod: { deletionTimestamp: ago(0), deletionGracePeriodSeconds: 0 },
      want: { kind: 'delete', ending: { graceMs: 0, last: [], sinceMs: NOW } },
    },
    {
      name: 'a deletion without a grace takes the pod’s own, and ends its sidecars last, the last one first',
      pod: { deletionTimestamp: ago(0), spec: { ...sidecar, terminationGracePeriodSeconds: 5 } },
      want: { kind: 'delete', ending: { graceMs: 5_000, last: ['b', 'a'], sinceMs: NOW - 5_000 } },
    },
    {
      name: 'a deleted pod goes whether it is over or past its deadline',
      pod: {
        deletionTimestamp: ago(0),
        deletionGracePeriodSeconds: 1,
        spec: { activeDeadlineSeconds: 1 },
        status: { ...begun, phase: 'Failed' },
      },
      notReady: NOT_READY,
      want: { kind: 'delete', ending: { graceMs: 1_000, last: [], sinceMs: NOW - 1_000 } },
    },
    { name: 'a pod that succeeded is finished', pod: { status: { phase: 'Succeeded' } }, want: { kind: 'finish' } },
    {
      name: 'a pod that was failed from outside is finished',
      pod: { status: { phase: 'Failed' } },
      notReady: NOT_READY,
      want: { kind: 'finish' },
    },
    { name: 'where no pod can run it says why', pod: {}, notReady: NOT_READY, want: { kind: 'hold', problem: NOT_READY } },
    {
      name: 'a pod that is active for too long expires',
      pod: { spec: { activeDeadlineSeconds: 60, terminationGracePeriodSeconds: 7 }, status: begun },
      want: { kind: 'expire', ending: { graceMs: 7_000, last: [] } },
    },
  ])('$name', ({ pod, notReady, want }) => {
    const known = pod === 'unknown' ? undefined : aStoredPod(pod);
    expect(planStep({ pod: known, observed: NONE, notReady, nowMs: NOW })).toEqual(want);
  });

  it.each([
    { name: 'has no deadline', pod: { status: begun } },
    { name: 'has a moment left', pod: { spec: { activeDeadlineSeconds: 61 }, status: begun } },
    { name: 'has not begun', pod: { spec: { activeDeadlineSeconds: 1 } } },
  ])('a pod that $name runs as its plan says', ({ pod }) => {
    const step = planStep({ pod: aStoredPod(pod), observed: NONE, notReady: undefined, nowMs: NOW });
    expect(step).toMatchObject({ kind: 'run', plan: { stage: 'active', actions: [{ kind: 'start', attempt: 0 }] } });
  });
});
