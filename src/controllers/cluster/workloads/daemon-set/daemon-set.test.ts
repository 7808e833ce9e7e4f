import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DaemonSet, DaemonSetSpec, NodeSpec, PodSpec } from '#api/generated/kubernetes.ts';
import { controllerRevisions, daemonSets, nodes, pods } from '#api/resources.ts';
import { canonicalJson } from '#kit/exact-json.ts';
import { aStoredNode } from '#testing/builders/node.ts';
import { aDaemonSet, aStoredDaemonSet, aTemplate } from '#testing/builders/workloads.ts';
import { startWorkloadBench, type WorkloadBench } from '#testing/workload-bench.ts';
import { nodeOf, placeOf } from './daemon-pod.ts';

const key = { namespace: 'default', name: 'web' };

describe('placeOf', () => {
  const taint = (effect: string): NodeSpec => ({ taints: [{ key: 'dedicated', value: 'db', effect }] });
  const cases: readonly { name: string; node: NodeSpec; pod: Partial<PodSpec>; expected: string }[] = [
    { name: 'any node', node: {}, pod: {}, expected: 'wanted' },
    { name: 'a cordoned node', node: { unschedulable: true }, pod: {}, expected: 'wanted' },
    { name: 'another node than named', node: {}, pod: { nodeName: 'other' }, expected: 'unwanted' },
    { name: 'a node without the labels', node: {}, pod: { nodeSelector: { disk: 'ssd' } }, expected: 'unwanted' },
    { name: 'a node that takes no new pods', node: taint('NoSchedule'), pod: {}, expected: 'tolerated' },
    { name: 'a node that puts pods out', node: taint('NoExecute'), pod: {}, expected: 'unwanted' },
    { name: 'a taint that is borne', node: taint('NoExecute'), pod: { tolerations: [{ operator: 'Exists' }] }, expected: 'wanted' },
  ];
  it.each(cases)('$name: $expected', ({ node, pod, expected }) => {
    const set = aStoredDaemonSet({ spec: { template: aTemplate('1', pod) } });
    expect(placeOf(set, { ...aStoredNode({ name: 'n1' }), spec: node })).toBe(expected);
  });
});

describe('daemon set', () => {
  let bench: WorkloadBench;
  beforeEach(async () => {
    bench = await startWorkloadBench();
    for (const name of ['n1', 'n2', 'n3']) await bench.client.create(nodes, { metadata: { name, labels: { name } }, spec: {} });
  });
  afterEach(() => bench.close());

  const find = (): Promise<DaemonSet> => bench.client.get(daemonSets, key);
  const places = async (): Promise<readonly (string | undefined)[]> =>
    (await bench.pods()).map(nodeOf).toSorted((a = '', b = '') => (a < b ? -1 : 1));
  const versions = async (): Promise<readonly (string | undefined)[]> =>
    (await bench.pods()).map(({ spec }) => spec.containers[0]?.env?.[0]?.value).toSorted((a = '', b = '') => (a < b ? -1 : 1));
  const change = (spec: Partial<DaemonSetSpec>): Promise<DaemonSet> =>
    bench.client.patch(daemonSets, { key, patch: { type: 'merge', body: { spec } } });

  it('runs one pod on each node, also on one that comes later, and none on one that goes', async () => {
    await bench.client.create(daemonSets, aDaemonSet());
    await bench.playNode();
    expect(await places()).toEqual(['n1', 'n2', 'n3']);
    expect((await find()).status).toMatchObject({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberReady: 3,
      numberAvailable: 3,
      updatedNumberScheduled: 3,
    });
    await bench.client.create(nodes, { metadata: { name: 'n4' }, spec: {} });
    await bench.client.delete(nodes, { namespace: '', name: 'n1' });
    await bench.playNode();
    expect(await places()).toEqual(['n2', 'n3', 'n4']);
  });

  it('replaces a pod that is deleted, and moves off a node that is not its own any more', async () => {
    await bench.client.create(daemonSets, aDaemonSet());
    await bench.playNode();
    const [first] = await bench.pods();
    await bench.client.delete(pods, { namespace: 'default', name: first?.metadata.name ?? '' }, { gracePeriodSec: 0 });
    await bench.playNode();
    expect(await places()).toEqual(['n1', 'n2', 'n3']);
    const body = { spec: { template: { spec: { nodeSelector: { name: 'n2' } } } } };
    await bench.client.patch(daemonSets, { key, patch: { type: 'merge', body } });
    await bench.playNode();
    expect(await places()).toEqual(['n2']);
  });

  it('changes the template one node after the other, and goes back by a revision', async () => {
    await bench.client.create(daemonSets, aDaemonSet());
    await bench.playNode();
    await change({ template: aTemplate('2') });
    await bench.idle();
    expect(await versions()).toEqual(['1', '1', '2']);
    await bench.playNode();
    expect(await versions()).toEqual(['2', '2', '2']);
    const first = (await bench.client.list(controllerRevisions)).items.find(({ revision }) => revision === 1);
    const { labels = {}, name = '' } = first?.metadata ?? {};
    expect(JSON.stringify(first?.data)).toBe(canonicalJson(first?.data));
    expect(name.endsWith(`-${labels['controller-revision-hash']}`)).toBe(true);
    await bench.client.patch(daemonSets, { key, patch: { type: 'strategic', body: first?.data } });
    await bench.playNode();
    expect(await versions()).toEqual(['1', '1', '1']);
    expect((await bench.client.list(controllerRevisions)).items.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual([2, 3]);
  });

  it('with maxSurge, starts the new one first, and the old one goes when it works', async () => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    await bench.client.create(daemonSets, aDaemonSet({ spec: { updateStrategy } }));
    await bench.playNode();
    await change({ template: aTemplate('2') });
    await bench.idle();
    expect(await versions()).toEqual(['1', '1', '1', '2']);
    await bench.idle();
    expect(await versions()).toEqual(['1', '1', '1', '2']);
    await bench.playNode();
    expect(await versions()).toEqual(['2', '2', '2']);
    expect(await places()).toEqual(['n1', 'n2', 'n3']);
    expect((await find()).status).toMatchObject({ updatedNumberScheduled: 3, numberAvailable: 3 });
  });

  it('with OnDelete, leaves pods until they are deleted', async () => {
    await bench.client.create(daemonSets, aDaemonSet({ spec: { updateStrategy: { type: 'OnDelete' } } }));
    await bench.playNode();
    await change({ template: aTemplate('2') });
    await bench.playNode();
    expect(await versions()).toEqual(['1', '1', '1']);
    expect((await find()).status?.updatedNumberScheduled).toBe(0);
  });

  it('replaces a daemon that failed, but not without rest', async () => {
    await bench.client.create(daemonSets, aDaemonSet());
    await bench.playNode();
    const [first] = await bench.pods();
    await bench.setPodStatus(first?.metadata.name ?? '', { phase: 'Failed' });
    expect((await bench.pods()).map(({ metadata }) => metadata.name)).toContain(first?.metadata.name);
    await bench.step(10_000);
    await bench.playNode();
    expect((await bench.pods()).map(({ metadata }) => metadata.name)).not.toContain(first?.metadata.name);
    expect(await places()).toEqual(['n1', 'n2', 'n3']);
  });
});
