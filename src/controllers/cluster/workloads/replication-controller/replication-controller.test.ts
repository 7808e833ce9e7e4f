import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReplicationController } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { pods, replicationControllers } from '#api/resources.ts';
import { aPod } from '#testing/builders/pod.ts';
import { startWorkloadBench, type WorkloadBench } from '#testing/workload-bench.ts';
import { trusted } from '#kit/json.ts';

const key = { namespace: 'default', name: 'web' };
const containers = [{ name: 'main', image: 'busybox' }];

function aController(spec: object = {}): Draft<ReplicationController> {
  return trusted({
    metadata: key,
    spec: { replicas: 2, template: { metadata: { labels: { app: 'web' } }, spec: { containers } }, ...spec },
  });
}

describe('VOL-12: replication controllers', () => {
  let bench: WorkloadBench;
  beforeEach(async () => {
    bench = await startWorkloadBench();
  });
  afterEach(() => bench.close());

  it('take selector and labels from their template, and keep as many pods as they ask for', async () => {
    const made = await bench.client.create(replicationControllers, aController());
    expect(made).toMatchObject({ metadata: { labels: { app: 'web' } }, spec: { selector: { app: 'web' } } });
    await bench.playNode();
    const [first, ...others] = await bench.pods();
    expect(others).toHaveLength(1);
    expect(first?.metadata.ownerReferences).toMatchObject([
      { apiVersion: 'v1', kind: 'ReplicationController', name: 'web', controller: true },
    ]);
    await bench.client.delete(pods, { namespace: 'default', name: first?.metadata.name ?? '' }, { gracePeriodSec: 0 });
    await bench.playNode();
    expect(await bench.pods()).toHaveLength(2);
    await bench.client.patch(replicationControllers, { key, patch: { type: 'merge', body: { spec: { replicas: 1 } } } });
    await bench.playNode();
    expect(await bench.pods()).toHaveLength(1);
    expect((await bench.client.get(replicationControllers, key)).status).toMatchObject({
      replicas: 1,
      readyReplicas: 1,
      observedGeneration: 2,
    });
  });

  it('adopt pods that they select, and let go those that they do not select any more', async () => {
    await bench.client.create(pods, aPod({ name: 'stray', labels: { app: 'web' } }));
    await bench.client.create(replicationControllers, aController());
    await bench.playNode();
    expect((await bench.pods()).map(({ metadata }) => metadata.name)).toContain('stray');
    const relabel = { type: 'merge', body: { metadata: { labels: { app: 'other' } } } } as const;
    await bench.client.patch(pods, { key: { namespace: 'default', name: 'stray' }, patch: relabel });
    await bench.playNode();
    expect((await bench.client.get(pods, { namespace: 'default', name: 'stray' })).metadata.ownerReferences ?? []).toEqual([]);
    expect(await bench.pods()).toHaveLength(3);
  });

  it.each([
    { name: 'no labels at all', spec: { template: { spec: { containers } } }, field: 'spec.selector' },
    { name: 'a selector that is not that of its template', spec: { selector: { app: 'x' } }, field: 'spec.template.metadata.labels' },
    { name: 'fewer than no pods', spec: { replicas: -1 }, field: 'spec.replicas' },
    {
      name: 'pods that end',
      spec: { template: { metadata: { labels: { app: 'web' } }, spec: { containers, restartPolicy: 'Never' } } },
      field: 'spec.template.spec.restartPolicy',
    },
  ])('are refused with $name', async ({ spec, field }) => {
    await expect(bench.client.create(replicationControllers, aController(spec))).rejects.toThrow(field);
  });
});
