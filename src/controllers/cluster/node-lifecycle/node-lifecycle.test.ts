import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Node, Pod, Taint, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { leases, namespaces, nodes, persistentVolumes, pods, volumeAttachments } from '#api/resources.ts';
import { formatMicroTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { defaultTolerationSeconds } from '#machinery/apiserver/admission/default-toleration-seconds.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod, type PodOverrides } from '#testing/builders/pod.ts';
import { aVolume } from '#testing/builders/volume.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { createNodeControllers } from '../node-controllers.ts';
import { createPodCollectionController } from './collection-controller.ts';

const SEC = 1_000;
const OUT_OF_SERVICE: Taint = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };

let api: TestApi<FakeClock>;
let informers: InformerFactory;
let running: RunningController[];
let said: EventDraft[];
/** Nothing is heard of leases before this resolves. */
let leaseNews: Promise<void>;

beforeEach(async () => {
  api = await startTestApi({ admission: [defaultTolerationSeconds] });
  said = [];
  leaseNews = Promise.resolve();
  await api.client.create(namespaces, { metadata: { name: 'kube-node-lease' }, spec: {} });
  informers = new InformerFactory({ client: lateOfLeases(api.client), clock: api.clock, log: silentLogger });
  const controllers = [
    ...createNodeControllers({ informers, clock: api.clock }).map(({ controller }) => controller),
    { ...createPodCollectionController({ informers, endedThreshold: 3 }), name: 'few' },
  ];
  const deps = {
    client: informers.client,
    clock: api.clock,
    ids: new SystemIds(),
    log: silentLogger,
    events: { record: (event: EventDraft) => void said.push(event) },
    metrics: new Metrics(),
  };
  running = controllers.map((controller) => runController(controller, deps));
  await Promise.all(running.map(({ ready }) => ready));
  for (const name of ['n1', 'n2']) await addNode(name);
});
afterEach(async () => {
  await Promise.all(running.map((controller) => controller.stop()));
  informers.stop();
  await api.close();
});

function lateOfLeases(client: Client): Client {
  return overrideClient(client, {
    watch: async function* (resource, options) {
      for await (const event of client.watch(resource, options)) {
        if (resource.plural === leases.plural) await leaseNews;
        yield event;
      }
    },
  });
}

async function addNode(name: string): Promise<void> {
  await api.client.create(nodes, aNode({ name }));
  await sayReady(name);
  await api.client.create(leases, { metadata: { name, namespace: 'kube-node-lease' }, spec: { leaseDurationSeconds: 40 } });
  await renew(name);
}

async function sayReady(name: string): Promise<void> {
  const body = { status: { conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }] } };
  await api.client.patch(nodes, { key: { namespace: '', name }, patch: { type: 'merge', body } }, { subresource: 'status' });
}

async function renew(name: string): Promise<void> {
  const body = { spec: { renewTime: formatMicroTime(api.clock.nowMs()) } };
  await api.client.patch(leases, { key: { namespace: 'kube-node-lease', name }, patch: { type: 'merge', body } });
}

/** Time passes, and only these nodes are heard of. */
async function pass(seconds: number, ...alive: readonly string[]): Promise<void> {
  for (let left = seconds; left > 0; left -= 10) {
    await api.clock.step(Math.min(10, left) * SEC);
    for (const name of alive) await renew(name);
  }
  await api.clock.step(0);
}

async function addPod(name: string, over: PodOverrides = {}): Promise<void> {
  await api.client.create(pods, aPod({ name, nodeName: 'n2', ...over }));
  const status = over.status ?? { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  const key = { namespace: 'default', name };
  await api.client.patch(pods, { key, patch: { type: 'merge', body: { status } } }, { subresource: 'status' });
}

function getNode(name: string): Promise<Node> {
  return api.client.get(nodes, { namespace: '', name });
}

async function podIfAny(name: string): Promise<Pod | undefined> {
  try {
    return await api.client.get(pods, { namespace: 'default', name });
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

async function taint(name: string, ...taints: readonly Taint[]): Promise<void> {
  const current = (await getNode(name)).spec.taints ?? [];
  const body = { spec: { taints: [...current, ...taints] } };
  await api.client.patch(nodes, { key: { namespace: '', name }, patch: { type: 'merge', body } });
  await api.clock.step(0);
}

const stateOf = (pod: Pod | undefined): string =>
  pod === undefined ? 'gone' : pod.metadata.deletionTimestamp === undefined ? 'there' : 'terminating';

describe('VOL-17: a node that dies', () => {
  it('VOL-17: is not called silent while the news of its lease is on the way', async () => {
    await pass(30, 'n1', 'n2');
    const { promise, resolve } = Promise.withResolvers<void>();
    leaseNews = promise;
    await pass(30, 'n1', 'n2');
    await pass(30, 'n1', 'n2');
    expect((await getNode('n2')).status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    resolve();
    await pass(30, 'n1', 'n2');
    expect(said).toEqual([]);
  });

  it('is not ready after its lease ran out, and is tainted; its pods are not ready', async () => {
    await addPod('p');
    await pass(39, 'n1');
    expect((await getNode('n2')).status?.conditions?.[0]?.status).toBe('True');
    await pass(2, 'n1');
    const node = await getNode('n2');
    expect(node.status?.conditions?.[0]).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' });
    expect(node.spec.taints?.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      'node.kubernetes.io/unreachable:NoSchedule',
      'node.kubernetes.io/unreachable:NoExecute',
    ]);
    expect((await podIfAny('p'))?.status?.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'False' });
    expect(said.map(({ reason, about }) => `${reason} ${about.kind}`)).toEqual(['NodeNotReady Node', 'NodeNotReady Pod']);
    expect((await getNode('n1')).spec.taints ?? []).toEqual([]);
  });

  it('keeps its pods for five minutes, and as Terminating from then on', async () => {
    await addPod('p');
    await addPod('patient', { spec: { tolerations: [{ operator: 'Exists' }] } });
    await pass(41, 'n1');
    await pass(290, 'n1');
    expect(stateOf(await podIfAny('p'))).toBe('there');
    await pass(15, 'n1');
    const pod = await podIfAny('p');
    expect(stateOf(pod)).toBe('terminating');
    expect(pod?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason).toBe('DeletionByTaintManager');
    expect(said).toContainEqual(expect.objectContaining({ reason: 'TaintManagerEviction', message: 'Marking for deletion Pod default/p' }));
    expect(stateOf(await podIfAny('patient'))).toBe('there');
  });

  it('keeps its pods where it comes back in time', async () => {
    await addPod('p');
    await pass(100, 'n1');
    await renew('n2');
    await sayReady('n2');
    await pass(400, 'n1', 'n2');
    expect((await getNode('n2')).spec.taints ?? []).toEqual([]);
    expect(stateOf(await podIfAny('p'))).toBe('there');
  });

  it('keeps its pods where no node is ready', async () => {
    await addPod('p');
    await pass(600);
    expect((await getNode('n2')).spec.taints?.map(({ effect }) => effect)).toEqual(['NoSchedule']);
    expect(stateOf(await podIfAny('p'))).toBe('there');
  });

  it('gives its pods up at once by force where it is said to be out of service', async () => {
    await addPod('p');
    await addPod('elsewhere', { nodeName: 'n1' });
    await addPod('patient', { spec: { tolerations: [{ operator: 'Exists' }] } });
    await pass(41, 'n1');
    await taint('n2', OUT_OF_SERVICE);
    await pass(1, 'n1');
    expect(stateOf(await podIfAny('p'))).toBe('gone');
    for (const name of ['elsewhere', 'patient']) expect(stateOf(await podIfAny(name))).toBe('there');
  });

  it('a node that works keeps the end of its pods to itself, out of service or not', async () => {
    await addPod('p');
    await taint('n2', OUT_OF_SERVICE);
    expect(stateOf(await podIfAny('p'))).toBe('terminating');
  });
});

describe('a taint of a user', () => {
  it('puts pods out of a living node, each when its toleration runs out', async () => {
    await addPod('p');
    await addPod('q', { spec: { tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }] } });
    await taint('n2', { key: 'k', effect: 'NoExecute' });
    expect([stateOf(await podIfAny('p')), stateOf(await podIfAny('q'))]).toEqual(['terminating', 'there']);
    await pass(61, 'n1', 'n2');
    expect(stateOf(await podIfAny('q'))).toBe('terminating');
  });
});

describe('pods that nobody runs', () => {
  it('go 40 s after their node object', async () => {
    await addPod('p');
    await api.client.delete(nodes, { namespace: '', name: 'n2' });
    await pass(30, 'n1');
    expect(stateOf(await podIfAny('p'))).toBe('there');
    await pass(12, 'n1');
    expect(stateOf(await podIfAny('p'))).toBe('gone');
  });

  it('stay where the node object comes back', async () => {
    await addPod('p');
    await api.client.delete(nodes, { namespace: '', name: 'n2' });
    await pass(30, 'n1');
    await api.client.create(nodes, aNode({ name: 'n2' }));
    await pass(60, 'n1', 'n2');
    expect(stateOf(await podIfAny('p'))).toBe('there');
  });

  it('of those that have ended, the oldest go where there are too many', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await addPod(name, { status: { phase: 'Succeeded' } });
      await api.clock.step(2 * SEC);
    }
    const left = (await api.client.list(pods)).items.map(({ metadata }) => metadata.name);
    expect(left).toEqual(['c', 'd', 'e']);
  });
});

it('volumesAttached of a node says what is attached to it', async () => {
  await api.client.create(persistentVolumes, aVolume({ name: 'pv', driver: 'd.example' }));
  const created: VolumeAttachment = await api.client.create(volumeAttachments, {
    metadata: { name: 'va' },
    spec: { attacher: 'd.example', nodeName: 'n2', source: { persistentVolumeName: 'pv' } },
  });
  await api.clock.step(0);
  expect((await getNode('n2')).status?.volumesAttached ?? []).toEqual([]);
  const key = { namespace: '', name: created.metadata.name };
  await api.client.patch(
    volumeAttachments,
    { key, patch: { type: 'merge', body: { status: { attached: true } } } },
    { subresource: 'status' },
  );
  await api.clock.step(0);
  expect((await getNode('n2')).status?.volumesAttached).toEqual([{ name: 'kubernetes.io/csi/d.example^pv', devicePath: '' }]);
  await api.client.delete(volumeAttachments, key);
  await api.clock.step(0);
  expect((await getNode('n2')).status?.volumesAttached ?? []).toEqual([]);
});
