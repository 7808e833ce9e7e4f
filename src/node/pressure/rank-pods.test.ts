import { expect, it } from 'vitest';
import { aStoredPod } from '#testing/builders/pod.ts';
import { evictionMessage, type PodUse, rankPods } from './rank-pods.ts';

const MIB = 1n << 20n;
function use(name: string, usedMib: number, { requestMib = 0, priority = 0 } = {}): PodUse {
  const resources = requestMib === 0 ? {} : { resources: { requests: { memory: `${requestMib}Mi` } } };
  const used = BigInt(usedMib) * MIB;
  return { pod: aStoredPod({ name, spec: { priority }, container: resources }), used, containers: [{ name: 'main', used }] };
}

it.each([
  { name: 'who takes most', uses: [use('a', 10), use('b', 20)], first: ['b', 'a'] },
  {
    name: 'who takes more than it asked for',
    uses: [use('a', 90, { requestMib: 100 }), use('b', 20, { requestMib: 10 })],
    first: ['b', 'a'],
  },
  { name: 'the less important', uses: [use('a', 10), use('b', 20, { priority: 1 })], first: ['a', 'b'] },
  { name: 'nobody who takes nothing', uses: [use('a', 0), use('b', 1)], first: ['b'] },
  { name: 'nobody that the cluster can’t do without', uses: [use('a', 9, { priority: 2_000_000_000 }), use('b', 1)], first: ['b'] },
])('first goes $name', ({ uses, first }) => {
  expect(rankPods(uses, { signal: 'memory.available' }).map(({ pod }) => pod.metadata.name)).toEqual(first);
});

it('says what ran short and who took it, in kubelet’s words', () => {
  const shortage = { signal: 'memory.available', available: 50n * MIB, least: 100n * MIB } as const;
  expect(evictionMessage(shortage, use('a', 20))).toBe(
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container main was using 20Mi, request is 0, has larger consumption of memory. ',
  );
  expect(evictionMessage({ signal: 'nodefs.inodesFree', available: 1n, least: 9n }, use('a', 20))).toBe(
    'The node was low on resource: inodes. Threshold quantity: 9, available: 1. ',
  );
});
