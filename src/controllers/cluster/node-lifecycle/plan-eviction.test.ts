import { describe, expect, it } from 'vitest';
import type { Taint, Toleration } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { evictingTaints, planEviction } from './plan-eviction.ts';

const taint = (key: string): Taint => ({ key, effect: 'NoExecute' });
const bears = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

describe('VOL-17: how long a pod bears the taints of its node', () => {
  it.each<{ name: string; taints: readonly Taint[]; tolerations: readonly Toleration[]; agoSec: number; expected: object }>([
    { name: 'no taint', taints: [], tolerations: [], agoSec: 0, expected: { kind: 'stay' } },
    { name: 'a taint that it does not bear', taints: [taint('a')], tolerations: [], agoSec: 0, expected: { kind: 'evict' } },
    { name: 'a taint that it bears for ever', taints: [taint('a')], tolerations: [bears('a')], agoSec: 9_999, expected: { kind: 'stay' } },
    {
      name: 'for a while',
      taints: [taint('a')],
      tolerations: [bears('a', 300)],
      agoSec: 100,
      expected: { kind: 'later', delayMs: 200_000 },
    },
    { name: 'for a while that is over', taints: [taint('a')], tolerations: [bears('a', 300)], agoSec: 300, expected: { kind: 'evict' } },
    {
      name: 'the shortest of two tolerations',
      taints: [taint('a')],
      tolerations: [bears('a', 300), bears('a', 10)],
      agoSec: 0,
      expected: { kind: 'later', delayMs: 10_000 },
    },
    { name: 'a negative time is none', taints: [taint('a')], tolerations: [bears('a', -5)], agoSec: 0, expected: { kind: 'evict' } },
    { name: 'one of two taints', taints: [taint('a'), taint('b')], tolerations: [bears('a')], agoSec: 0, expected: { kind: 'evict' } },
    {
      name: 'the taint that is borne shorter',
      taints: [taint('a'), taint('b')],
      tolerations: [bears('a', 60), bears('b', 30)],
      agoSec: 0,
      expected: { kind: 'later', delayMs: 30_000 },
    },
  ])('$name', ({ taints, tolerations, agoSec, expected }) => {
    const pod = aStoredPod({ spec: { tolerations } });
    expect(planEviction(pod, taints, { sinceMs: () => 0, nowMs: agoSec * 1000 })).toEqual(expected);
  });

  it('only NoExecute puts pods out', () => {
    expect(evictingTaints([{ key: 'a', effect: 'NoSchedule' }, taint('b')])).toEqual([taint('b')]);
  });
});
