import { expect, it } from 'vitest';
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetSpec } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { planBudget } from './plan.ts';

const nowMs = Date.parse('2026-01-01T00:10:00Z');
const aPod = (name: string, isReady: boolean): Pod =>
  trusted({
    metadata: { name, labels: { a: 'b' } },
    spec: { containers: [] },
    status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  });
const aBudget = (spec: PodDisruptionBudgetSpec, status?: object): PodDisruptionBudget =>
  trusted({ metadata: { name: 'b', generation: 3 }, spec, status });
const threeReady = ['x', 'y', 'z'].map((name) => aPod(name, true));

it.each([
  { name: 'a number that must stay', spec: { minAvailable: 2 }, pods: threeReady, expected: 9, numbers: [3, 2, 3, 1] },
  { name: 'a share that must stay, rounded up', spec: { minAvailable: '50%' }, pods: threeReady, expected: 3, numbers: [3, 2, 3, 1] },
  {
    name: 'a number that may be missing, of what is asked for',
    spec: { maxUnavailable: 1 },
    pods: threeReady,
    expected: 4,
    numbers: [3, 3, 4, 0],
  },
  { name: 'a share that may be missing', spec: { maxUnavailable: '34%' }, pods: threeReady, expected: 3, numbers: [3, 1, 3, 2] },
  {
    name: 'pods that are not ready',
    spec: { minAvailable: 1 },
    pods: [aPod('x', true), aPod('y', false)],
    expected: 2,
    numbers: [1, 1, 2, 0],
  },
  { name: 'no pods', spec: { minAvailable: 0 }, pods: [], expected: 0, numbers: [0, 0, 0, 0] },
])('counts $name', ({ spec, pods, expected, numbers: [healthy, desired, total, allowed] }) => {
  expect(planBudget(aBudget(spec), { pods, expected, nowMs })).toMatchObject({
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: total,
    disruptionsAllowed: allowed,
    observedGeneration: 3,
    conditions: [{ type: 'DisruptionAllowed', status: (allowed ?? 0) > 0 ? 'True' : 'False' }],
  });
});

it('an evicted pod counts as gone until it is, or for two minutes', () => {
  const granted = { disruptedPods: { x: '2026-01-01T00:09:00Z', y: '2026-01-01T00:07:00Z', gone: '2026-01-01T00:09:59Z' } };
  expect(planBudget(aBudget({ minAvailable: 1 }, granted), { pods: threeReady, expected: 3, nowMs })).toMatchObject({
    currentHealthy: 2,
    disruptionsAllowed: 1,
    disruptedPods: { x: '2026-01-01T00:09:00Z' },
  });
});
