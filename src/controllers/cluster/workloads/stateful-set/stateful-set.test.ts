import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StatefulSet, StatefulSetSpec } from '#api/generated/kubernetes.ts';
import { controllerRevisions, persistentVolumeClaims, statefulSets } from '#api/resources.ts';
import { aStatefulSet, aTemplate } from '#testing/builders/workloads.ts';
import { startWorkloadBench, type WorkloadBench } from '#testing/workload-bench.ts';

const key = { namespace: 'default', name: 'web' };

describe('stateful set', () => {
  let bench: WorkloadBench;
  beforeEach(async () => {
    bench = await startWorkloadBench();
  });
  afterEach(() => bench.close());

  const find = (): Promise<StatefulSet> => bench.client.get(statefulSets, key);
  const names = async (): Promise<readonly string[]> => (await bench.pods()).map(({ metadata }) => metadata.name);
  const claims = async (): Promise<readonly string[]> =>
    (await bench.client.list(persistentVolumeClaims)).items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name);
  const change = (spec: Partial<StatefulSetSpec>): Promise<StatefulSet> =>
    bench.client.patch(statefulSets, { key, patch: { type: 'merge', body: { spec } } });
  const versions = async (): Promise<readonly (string | undefined)[]> =>
    (await bench.pods()).map(({ spec }) => spec.containers[0]?.env?.[0]?.value);

  it('VOL-12: gives each number its pod and its claims, one after the other, and keeps claims for a pod that comes back', async () => {
    await bench.client.create(statefulSets, aStatefulSet());
    await bench.idle();
    expect([await names(), await claims()]).toEqual([['web-0'], ['data-web-0']]);
    await bench.playNode();
    expect([await names(), await claims()]).toEqual([
      ['web-0', 'web-1', 'web-2'],
      ['data-web-0', 'data-web-1', 'data-web-2'],
    ]);
    const [pod] = await bench.pods();
    expect(pod).toMatchObject({
      metadata: { labels: { app: 'web', 'apps.kubernetes.io/pod-index': '0', 'statefulset.kubernetes.io/pod-name': 'web-0' } },
      spec: {
        hostname: 'web-0',
        subdomain: 'web',
        volumes: expect.arrayContaining([{ name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } }]),
      },
    });
    expect((await find()).status).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      observedGeneration: 1,
    });
    await change({ replicas: 1 });
    await bench.playNode();
    expect([await names(), (await claims()).length]).toEqual([['web-0'], 3]);
    await change({ replicas: 2 });
    await bench.playNode();
    expect([await names(), (await claims()).length]).toEqual([['web-0', 'web-1'], 3]);
    expect(bench.told.map(({ message }) => message)).toContain('create Claim data-web-0 Pod web-0 in StatefulSet web success');
  });

  it('VOL-12: lets claims go with their pods or their set, where that was asked for', async () => {
    const policy = { whenScaled: 'Delete', whenDeleted: 'Delete' };
    await bench.client.create(statefulSets, aStatefulSet({ spec: { persistentVolumeClaimRetentionPolicy: policy } }));
    await bench.playNode();
    await change({ replicas: 1 });
    await bench.playNode();
    expect(await claims()).toEqual(['data-web-0']);
    await bench.client.delete(statefulSets, key, { propagation: 'Background' });
    await bench.playNode();
    expect([await names(), await claims()]).toEqual([[], []]);
  });

  it('changes the template from the highest number down, and goes back by a revision', async () => {
    await bench.client.create(statefulSets, aStatefulSet());
    await bench.playNode();
    await change({ template: aTemplate('2'), updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } });
    await bench.playNode();
    expect(await versions()).toEqual(['1', '2', '2']);
    await change({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } });
    await bench.playNode();
    expect(await versions()).toEqual(['2', '2', '2']);
    const revisions = (await bench.client.list(controllerRevisions)).items;
    expect(revisions.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual([1, 2]);
    const first = revisions.find(({ revision }) => revision === 1);
    await bench.client.patch(statefulSets, { key, patch: { type: 'strategic', body: first?.data } });
    await bench.playNode();
    expect(await versions()).toEqual(['1', '1', '1']);
    expect((await bench.client.list(controllerRevisions)).items.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual([2, 3]);
    expect((await find()).status).toMatchObject({ currentRevision: first?.metadata.name, updateRevision: first?.metadata.name });
  });

  it('waits with a pod until the claim of its name that is going is gone', async () => {
    const held = { name: 'data-web-0', namespace: 'default' };
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } };
    await bench.client.create(persistentVolumeClaims, { metadata: { ...held, finalizers: ['example.com/hold'] }, spec });
    await bench.client.delete(persistentVolumeClaims, held);
    await bench.client.create(statefulSets, aStatefulSet());
    await bench.step(10_000);
    expect(await names()).toEqual([]);
    await bench.client.patch(persistentVolumeClaims, { key: held, patch: { type: 'merge', body: { metadata: { finalizers: null } } } });
    await bench.step(2_000);
    expect(await names()).toEqual(['web-0']);
  });

  it('keeps as many revisions as its history may have', async () => {
    await bench.client.create(statefulSets, aStatefulSet({ spec: { revisionHistoryLimit: 1 } }));
    for (const version of ['2', '3', '4', '5']) {
      await bench.playNode();
      await change({ template: aTemplate(version) });
    }
    await bench.playNode();
    await change({ replicas: 2 });
    await bench.playNode();
    expect((await bench.client.list(controllerRevisions)).items).toHaveLength(2);
  });
});
