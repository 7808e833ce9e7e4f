import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import { pods, replicaSets } from '#api/resources.ts';
import { ApiError } from '#machinery/client/api-error.ts';
import { aPod, aStoredPod } from '#testing/builders/pod.ts';
import { aReplicaSet } from '#testing/builders/workloads.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { settle } from '#testing/fake-clock.ts';
import { readyStatus, startWorkloadBench, type WorkloadBench } from '#testing/workload-bench.ts';
import { rankForRemoval } from './plan.ts';

const key = { namespace: 'default', name: 'web' };

describe('rankForRemoval', () => {
  const ready = readyStatus(0);
  const pod = (name: string, facts: Parameters<typeof aStoredPod>[0] = {}): Pod =>
    aStoredPod({ name, nodeName: 'n', status: ready, ...facts });
  it.each([
    { name: 'without a node first', pods: [pod('a'), pod('b', { spec: { nodeName: '' } })], first: 'b' },
    { name: 'pending before running', pods: [pod('a'), pod('b', { status: { phase: 'Pending' } })], first: 'b' },
    { name: 'not ready before ready', pods: [pod('a'), pod('b', { status: { phase: 'Running' } })], first: 'b' },
    {
      name: 'cheap before dear',
      pods: [pod('a', { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '5' } }), pod('b')],
      first: 'b',
    },
    { name: 'where more of them are', pods: [pod('a'), pod('b', { nodeName: 'm' }), pod('c', { nodeName: 'm' })], first: 'b' },
    { name: 'ready for a shorter time', pods: [pod('a'), pod('b', { status: readyStatus(60_000) })], first: 'b' },
    { name: 'younger', pods: [pod('a'), pod('b', { creationTimestamp: '2026-01-02T00:00:00Z' })], first: 'b' },
  ])('$name', ({ pods: all, first }) => {
    expect(rankForRemoval(all)[0]?.metadata.name).toBe(first);
  });
});

describe('replica set', () => {
  let bench: WorkloadBench;
  beforeEach(async () => {
    bench = await startWorkloadBench();
  });
  afterEach(() => bench.close());

  it('makes pods, replaces those that go or end, and takes away what is too many', async () => {
    await bench.client.create(replicaSets, aReplicaSet());
    await bench.playNode();
    const [first, second] = await bench.pods();
    await bench.client.delete(pods, { namespace: 'default', name: first?.metadata.name ?? '' }, { gracePeriodSec: 0 });
    await bench.setPodStatus(second?.metadata.name ?? '', { phase: 'Failed' });
    await bench.playNode();
    expect((await bench.pods()).filter(({ status }) => status?.phase === 'Running')).toHaveLength(3);
    await bench.client.patch(replicaSets, { key, patch: { type: 'merge', body: { spec: { replicas: 1 } } } });
    await bench.playNode();
    expect((await bench.pods()).filter(({ status }) => status?.phase === 'Running')).toHaveLength(1);
    expect((await bench.client.get(replicaSets, key)).status).toMatchObject({ replicas: 1, readyReplicas: 1, terminatingReplicas: 0 });
  });

  it('adopts pods that it selects, and lets go those that it does not select any more', async () => {
    await bench.client.create(pods, aPod({ name: 'stray', labels: { app: 'web' } }));
    await bench.client.create(replicaSets, aReplicaSet({ spec: { replicas: 2 } }));
    await bench.playNode();
    const names = (await bench.pods()).map(({ metadata }) => metadata.name);
    expect(names).toHaveLength(2);
    expect(names).toContain('stray');
    const relabel = { type: 'merge', body: { metadata: { labels: { app: 'debugged' } } } } as const;
    await bench.client.patch(pods, { key: { namespace: 'default', name: 'stray' }, patch: relabel });
    await bench.playNode();
    const stray = await bench.client.get(pods, { namespace: 'default', name: 'stray' });
    expect(stray.metadata.ownerReferences ?? []).toEqual([]);
    expect(await bench.pods()).toHaveLength(3);
  });

  it('counts a pod as available when it has been ready for long enough', async () => {
    await bench.client.create(replicaSets, aReplicaSet({ spec: { replicas: 1, minReadySeconds: 10 } }));
    await bench.playNode();
    expect((await bench.client.get(replicaSets, key)).status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    await bench.step(10_000);
    expect((await bench.client.get(replicaSets, key)).status).toMatchObject({ readyReplicas: 1, availableReplicas: 1 });
  });

  it('says why pods are refused, asks for one only, and goes on when they are allowed', async () => {
    let refusals = 0;
    let isRefusing = true;
    const refusing = await startWorkloadBench((client) =>
      overrideClient(client, {
        create: async (resource, draft, options) => {
          if (!isRefusing || resource.kind !== 'Pod') return client.create(resource, draft, options);
          refusals += 1;
          throw new ApiError({
            kind: 'Status',
            apiVersion: 'v1',
            status: 'Failure',
            message: 'exceeded quota',
            reason: 'Forbidden',
            code: 403,
          });
        },
      }),
    );
    await refusing.client.create(replicaSets, aReplicaSet({ spec: { replicas: 50 } }));
    await refusing.idle();
    expect(refusals).toBeLessThan(4);
    expect((await refusing.client.get(replicaSets, key)).status?.conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' },
    ]);
    expect(refusing.told).toContainEqual(expect.objectContaining({ reason: 'FailedCreate', message: 'Error creating: exceeded quota' }));
    isRefusing = false;
    await refusing.client.patch(replicaSets, { key, patch: { type: 'merge', body: { spec: { replicas: 2 } } } });
    await refusing.step(60_000);
    expect(await refusing.pods()).toHaveLength(2);
    expect((await refusing.client.get(replicaSets, key)).status?.conditions ?? []).toEqual([]);
    await refusing.close();
  });

  it('makes no pod twice while its cache lags behind', async () => {
    // a cache that hears of nothing after its first list, and versions that can't be compared
    let isDeaf = true;
    const deaf = await startWorkloadBench((client) =>
      overrideClient(client, {
        watch: async function* (resource, options) {
          for await (const event of client.watch(resource, options)) {
            while (isDeaf && resource.kind === 'Pod') await settle();
            yield event;
          }
        },
        create: async (resource, draft, options) => {
          const made = await client.create(resource, draft, options);
          return resource.kind === 'Pod' ? { ...made, metadata: { ...made.metadata, resourceVersion: 'opaque' } } : made;
        },
      }),
    );
    await deaf.client.create(replicaSets, aReplicaSet());
    await deaf.idle();
    for (const label of ['a', 'b', 'c']) {
      await deaf.client.patch(replicaSets, { key, patch: { type: 'merge', body: { metadata: { labels: { round: label } } } } });
      await deaf.step(5_000);
    }
    expect(await deaf.pods()).toHaveLength(3);
    isDeaf = false;
    await deaf.step(5_000);
    expect(await deaf.pods()).toHaveLength(3);
    await deaf.close();
  });
});
