import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deployment, DeploymentSpec, ReplicaSet } from '#api/generated/kubernetes.ts';
import { deployments, pods, replicaSets } from '#api/resources.ts';
import { aDeployment, aTemplate } from '#testing/builders/workloads.ts';
import { startWorkloadBench, type WorkloadBench } from '#testing/workload-bench.ts';

const key = { namespace: 'default', name: 'web' };

describe('deployment', () => {
  let bench: WorkloadBench;
  beforeEach(async () => {
    bench = await startWorkloadBench();
  });
  afterEach(() => bench.close());

  const find = (): Promise<Deployment> => bench.client.get(deployments, key);
  const sets = async (): Promise<readonly ReplicaSet[]> => (await bench.client.list(replicaSets)).items;
  const sizes = async (): Promise<readonly number[]> => (await sets()).map(({ spec }) => spec.replicas ?? 1).toSorted((a, b) => a - b);
  const change = (spec: Partial<DeploymentSpec>): Promise<Deployment> =>
    bench.client.patch(deployments, { key, patch: { type: 'merge', body: { spec } } });
  const progress = async (): Promise<string> => {
    const condition = (await find()).status?.conditions?.find(({ type }) => type === 'Progressing');
    return `${condition?.status} ${condition?.reason}`;
  };

  it('makes pods through one ReplicaSet, and says when they are available', async () => {
    await bench.client.create(deployments, aDeployment());
    await bench.playNode();
    expect(await progress()).toBe('True NewReplicaSetAvailable');
    expect((await find()).status).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      updatedReplicas: 3,
      observedGeneration: 1,
    });
    expect((await find()).metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    expect(bench.told.map(({ reason, message }) => `${reason}: ${message}`)).toContainEqual(
      expect.stringMatching(/^ScalingReplicaSet: Scaled up replica set web-\w+ from 0 to 3$/),
    );
  });

  it('never has fewer available than allowed, nor more than allowed, during a rolling update', async () => {
    await bench.client.create(deployments, aDeployment({ spec: { replicas: 4 } }));
    await bench.playNode();
    const bounds = { least: 99, most: 0 };
    const watch = bench.api.store.watch({ resource: 'pods' }, bench.api.store.revision, {
      onEvents: () => {
        void bench.pods().then((all) => {
          const alive = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
          bounds.least = Math.min(bounds.least, alive.filter(({ status }) => status?.phase === 'Running').length);
          bounds.most = Math.max(bounds.most, alive.length);
        });
      },
      onClose: () => {},
    });
    await change({ template: aTemplate('2') });
    await bench.playNode();
    watch.close();
    expect(bounds).toEqual({ least: 4, most: 5 });
    expect(await sizes()).toEqual([0, 4]);
    expect((await bench.pods()).map(({ spec }) => spec.containers[0]?.env?.[0]?.value)).toEqual(['2', '2', '2', '2']);
  });

  it('goes back to an earlier template by its ReplicaSet, under a new revision', async () => {
    await bench.client.create(deployments, aDeployment());
    await bench.playNode();
    await change({ template: aTemplate('2') });
    await bench.playNode();
    await change({ template: aTemplate('1') });
    await bench.playNode();
    expect(await sets()).toHaveLength(2);
    expect((await find()).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
    expect((await bench.pods()).map(({ spec }) => spec.containers[0]?.env?.[0]?.value)).toEqual(['1', '1', '1']);
  });

  // why on a node: only pods on a node take their time to end
  const onNode = { nodeName: 'n1' };
  it('with Recreate, starts no new pod before the last old one is gone', async () => {
    await bench.client.create(deployments, aDeployment({ spec: { strategy: { type: 'Recreate' }, template: aTemplate('1', onNode) } }));
    await bench.playNode();
    await change({ template: aTemplate('2', onNode) });
    await bench.idle();
    expect(await sets()).toHaveLength(1);
    for (const { metadata } of (await bench.pods()).slice(1))
      await bench.client.delete(pods, { ...key, name: metadata.name }, { gracePeriodSec: 0 });
    await bench.idle();
    expect(await sets()).toHaveLength(1);
    await bench.playNode();
    expect(await sizes()).toEqual([0, 3]);
    expect(await progress()).toBe('True NewReplicaSetAvailable');
  });

  it('while paused, scales and rolls nothing out', async () => {
    await bench.client.create(deployments, aDeployment());
    await bench.playNode();
    await change({ paused: true, replicas: 5, template: aTemplate('2') });
    await bench.playNode();
    expect(await sizes()).toEqual([5]);
    expect(await progress()).toBe('Unknown DeploymentPaused');
    await change({ paused: false });
    await bench.playNode();
    expect(await sizes()).toEqual([0, 5]);
  });

  it('says so when a rollout makes no progress in time, and again when it goes on', async () => {
    await bench.client.create(deployments, aDeployment({ spec: { progressDeadlineSeconds: 60 } }));
    await bench.idle();
    await bench.step(61_000);
    expect(await progress()).toBe('False ProgressDeadlineExceeded');
    await bench.playNode();
    expect(await progress()).toBe('True NewReplicaSetAvailable');
  });

  it('keeps as many old ReplicaSets as its history may have', async () => {
    await bench.client.create(deployments, aDeployment({ spec: { revisionHistoryLimit: 1 } }));
    for (const version of ['2', '3', '4']) {
      await bench.playNode();
      await change({ template: aTemplate(version) });
    }
    await bench.playNode();
    expect(await sets()).toHaveLength(2);
  });

  it('goes with everything that it made', async () => {
    await bench.client.create(deployments, aDeployment());
    await bench.playNode();
    await bench.client.delete(deployments, key, { propagation: 'Background' });
    await bench.playNode();
    expect([...(await sets()), ...(await bench.pods())]).toEqual([]);
  });
});
