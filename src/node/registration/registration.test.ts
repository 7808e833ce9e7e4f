import { afterEach, beforeEach, expect, it } from 'vitest';
import { csiDrivers, csiNodes, leases, nodes } from '#api/resources.ts';
import type { Client } from '#machinery/client/client.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { PlatformError } from '#kit/errors.ts';
import { silentLogger } from '#kit/log.ts';
import { UnimplementedNode } from '#protocols/csi/unimplemented.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import type { ListedImage } from '../images/image.ts';
import type { Problem } from '../status/observed-pod.ts';
import type { NodeFinding, NodeProfile } from './node-object.ts';
import { Registration } from './registration.ts';

const PROFILE: NodeProfile = {
  name: 'n1',
  hostIp: '10.0.0.1',
  cpus: 4,
  memoryBytes: 8n * 2n ** 30n,
  diskBytes: 100n * 2n ** 30n,
  osImage: 'Linux',
  machineId: 'm',
  bootId: 'b',
  runcVersion: '1.1.5',
  version: '0.1.0',
};
const NODE = { namespace: '', name: 'n1' };
const LEASE = { namespace: 'kube-node-lease', name: 'n1' };

let maxVolumesPerNode = 5n;
class NodeService extends UnimplementedNode {
  override nodeGetInfo = async () => ({
    nodeId: 'id-of-n1',
    maxVolumesPerNode,
    accessibleTopology: { segments: { 'topology.example/node': 'n1' } },
  });
}

let api: TestApi<FakeClock>;
let abort: AbortController;
beforeEach(async () => {
  maxVolumesPerNode = 5n;
  abort = new AbortController();
  api = await startTestApi();
});
afterEach(async () => {
  abort.abort();
  await api.close();
});

function registration(
  over: {
    readonly notReady?: Problem;
    readonly hasDriver?: boolean;
    readonly profile?: NodeProfile;
    readonly client?: Client;
    readonly images?: readonly ListedImage[];
    readonly findings?: () => readonly NodeFinding[];
  } = {},
): Registration {
  const driver: CsiClient = Object.assign(new FakeDriver(), { node: new NodeService() });
  return new Registration({
    profile: over.profile ?? PROFILE,
    client: over.client ?? api.client,
    clock: api.clock,
    log: silentLogger,
    drivers: new Map(over.hasDriver === false ? [] : [['example.csi', driver]]),
    notReady: over.notReady,
    leaseDurationSec: 40,
    findings: over.findings ?? (() => []),
    images: async () => over.images ?? [{ names: ['example.com/app:1'], sizeBytes: 7 }],
  });
}

it('VOL-14: says what else there is to say of the node, at once where it is told', async () => {
  const finding = (status: NodeFinding['status']): NodeFinding => ({ type: 'PoolUnavailable', status, reason: 'Why', message: status });
  let findings = [finding('False')];
  const registered = registration({ findings: () => findings });
  await registered.register(abort.signal);
  await api.clock.step(1_000);
  findings = [finding('True')];
  await registered.report();
  expect((await api.client.get(nodes, NODE)).status?.conditions).toMatchObject([
    { type: 'PoolUnavailable', status: 'True', message: 'True', lastTransitionTime: '2026-01-01T00:00:01Z' },
    { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
  ]);
});

it('makes the node with labels, capacity and condition', async () => {
  await registration().register(abort.signal);
  expect(await api.client.get(nodes, NODE)).toMatchObject({
    metadata: { labels: { 'kubernetes.io/hostname': 'n1', 'kubernetes.io/os': 'linux', 'topology.example/node': 'n1' } },
    status: {
      capacity: { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi' },
      addresses: [{ type: 'InternalIP', address: '10.0.0.1' }, { type: 'Hostname' }],
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
      nodeInfo: { containerRuntimeVersion: 'runc://1.1.5', bootID: 'b' },
    },
  });
});

it('names its drivers in a CSINode that the node owns', async () => {
  await registration().register(abort.signal);
  const node = await api.client.get(nodes, NODE);
  expect(await api.client.get(csiNodes, NODE)).toMatchObject({
    metadata: { ownerReferences: [{ kind: 'Node', name: 'n1', uid: node.metadata.uid }] },
    spec: { drivers: [{ name: 'example.csi', nodeID: 'id-of-n1', topologyKeys: ['topology.example/node'], allocatable: { count: 5 } }] },
  });
  await registration({ hasDriver: false }).register(abort.signal);
  expect((await api.client.get(csiNodes, NODE)).spec.drivers).toEqual([]);
});

it('says why no pod can run, and that they can again after the next start', async () => {
  await registration({ notReady: { reason: 'NotPrivileged', message: 'start it as root' } }).register(abort.signal);
  const before = (await api.client.get(nodes, NODE)).status?.conditions?.[0];
  expect(before).toMatchObject({ status: 'False', reason: 'NotPrivileged', message: 'start it as root' });
  await api.clock.step(60_000);
  await registration().register(abort.signal);
  const after = (await api.client.get(nodes, NODE)).status?.conditions?.[0];
  expect(after).toMatchObject({ status: 'True' });
  expect(after?.lastTransitionTime).not.toBe(before?.lastTransitionTime);
});

it('keeps what others added to its node, and when the condition last changed', async () => {
  await registration().register(abort.signal);
  const since = (await api.client.get(nodes, NODE)).status?.conditions?.[0]?.lastTransitionTime;
  await api.client.patch(nodes, {
    key: NODE,
    patch: { type: 'merge', body: { metadata: { labels: { mine: 'yes' } }, spec: { unschedulable: true } } },
  });
  await api.clock.step(60_000);
  await registration().register(abort.signal);
  const node = await api.client.get(nodes, NODE);
  expect(node.metadata.labels).toMatchObject({ mine: 'yes', 'kubernetes.io/hostname': 'n1' });
  expect(node.spec?.unschedulable).toBe(true);
  expect(node.status?.conditions?.[0]).toMatchObject({ lastTransitionTime: since, lastHeartbeatTime: '2026-01-01T00:01:00Z' });
});

it('renews its lease every 10 s and its status every 5 min, until it is stopped', async () => {
  const subject = registration();
  await subject.register(abort.signal);
  const renewed = async () => (await api.client.get(leases, LEASE)).spec?.renewTime;
  const first = await renewed();
  const { resourceVersion } = (await api.client.get(nodes, NODE)).metadata;
  const keeping = subject.keepAlive(abort.signal);
  await api.clock.step(10_000);
  expect(await renewed()).not.toBe(first);
  expect((await api.client.get(nodes, NODE)).metadata.resourceVersion).toBe(resourceVersion);
  for (let minute = 0; minute < 5; minute += 1) for (let turn = 0; turn < 6; turn += 1) await api.clock.step(10_000);
  expect((await api.client.get(nodes, NODE)).metadata.resourceVersion).not.toBe(resourceVersion);
  abort.abort();
  await keeping;
});

it('makes its lease again when it was deleted', async () => {
  const subject = registration();
  await subject.register(abort.signal);
  await api.client.delete(leases, LEASE);
  const keeping = subject.keepAlive(abort.signal);
  await api.clock.step(10_000);
  expect((await api.client.get(leases, LEASE)).spec?.holderIdentity).toBe('n1');
  abort.abort();
  await keeping;
});

async function takeForGone(): Promise<void> {
  const body = {
    status: {
      conditions: [
        { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', lastHeartbeatTime: '2026-01-01T00:00:00Z' },
        { type: 'KernelDeadlock', status: 'False' },
      ],
    },
  };
  await api.client.patch(nodes, { key: NODE, patch: { type: 'merge', body } }, { subresource: 'status' });
}

it('says within a renewal that it is there, whoever took it for gone, and leaves the conditions of others alone', async () => {
  const subject = registration();
  await subject.register(abort.signal);
  const keeping = subject.keepAlive(abort.signal);
  await takeForGone();
  await api.clock.step(10_000);
  expect((await api.client.get(nodes, NODE)).status?.conditions).toMatchObject([
    { type: 'KernelDeadlock', status: 'False' },
    { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:10Z' },
  ]);
  abort.abort();
  await keeping;
});

it('says that it is back after it could not be heard', async () => {
  let isCutOff = false;
  const cutOff = overrideClient(api.client, {
    patch: (...args) => (isCutOff ? Promise.reject(new Error('no way')) : api.client.patch(...args)),
  });
  const subject = registration({ client: cutOff });
  await subject.register(abort.signal);
  const keeping = subject.keepAlive(abort.signal);
  isCutOff = true;
  await api.clock.step(45_000);
  await takeForGone();
  isCutOff = false;
  await api.clock.step(10_000);
  expect((await api.client.get(nodes, NODE)).status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  abort.abort();
  await keeping;
});

it('reports an image that came within a renewal', async () => {
  const images = [{ names: ['example.com/app:1'], sizeBytes: 7 }];
  const subject = registration({ images });
  await subject.register(abort.signal);
  const keeping = subject.keepAlive(abort.signal);
  images.push({ names: ['example.com/other:1'], sizeBytes: 9 });
  await api.clock.step(10_000);
  expect((await api.client.get(nodes, NODE)).status?.images).toHaveLength(2);
  abort.abort();
  await keeping;
});

it('makes its node again when it was deleted', async () => {
  const subject = registration();
  await subject.register(abort.signal);
  const { uid } = (await api.client.get(nodes, NODE)).metadata;
  await api.client.delete(nodes, NODE);
  const keeping = subject.keepAlive(abort.signal);
  await api.clock.step(10_000);
  const node = await api.client.get(nodes, NODE);
  expect(node.metadata.uid).not.toBe(uid);
  expect(node.status?.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
  expect((await api.client.get(csiNodes, NODE)).metadata.ownerReferences).toMatchObject([{ uid: node.metadata.uid }]);
  abort.abort();
  await keeping;
});

it('API-4: a node starts where the API has no room for its report, and reports itself when there is room', async () => {
  let hasRoom = false;
  let refused = 0;
  const client = overrideClient(api.client, {
    patch: (resource, target, options) => {
      if (hasRoom || resource.plural !== 'nodes') return api.client.patch(resource, target, options);
      refused += 1;
      return Promise.reject(new PlatformError({ code: 'ResourceExhausted', reason: 'StoreFull', message: 'no room' }));
    },
  });
  const subject = registration({ client });
  await subject.registerAsFarAsPossible(abort.signal);
  expect(refused).toBe(1);
  const keeping = subject.keepAlive(abort.signal);
  await api.clock.step(10_000);
  expect(refused).toBe(2);
  const renewed = async (): Promise<string | undefined> =>
    (await api.client.get(leases, { namespace: 'kube-node-lease', name: NODE.name })).spec?.renewTime;
  const before = await renewed();
  await api.clock.step(10_000);
  expect(before).toBeDefined();
  expect(await renewed()).not.toBe(before);
  hasRoom = true;
  await api.clock.step(10_000);
  await expect.poll(async () => (await api.client.get(csiNodes, NODE)).spec.drivers.map(({ name }) => name)).toEqual(['example.csi']);
  expect((await api.client.get(nodes, NODE)).status?.capacity).toMatchObject({ cpu: '4' });
  abort.abort();
  await keeping;
});

it('any other refusal ends the start of a node', async () => {
  const client = overrideClient(api.client, {
    patch: () => Promise.reject(new PlatformError({ code: 'PermissionDenied', reason: 'Forbidden', message: 'no' })),
  });
  await expect(registration({ client }).registerAsFarAsPossible(abort.signal)).rejects.toMatchObject({ reason: 'Forbidden' });
});

it.each([
  { name: 'as often as it wants', periodSec: 60, after: 30_000, is: 5, later: 9 },
  { name: 'never, where it wants nothing', periodSec: undefined, after: 30_000, is: 5, later: 5 },
])('VOL-19: a driver is asked how many volumes it takes $name', async ({ periodSec, after, is, later }) => {
  const spec = periodSec === undefined ? {} : { nodeAllocatableUpdatePeriodSeconds: periodSec };
  await api.client.create(csiDrivers, { metadata: { name: 'example.csi' }, spec });
  const subject = registration();
  await subject.register(abort.signal);
  const keeping = subject.keepAlive(abort.signal);
  const count = async (): Promise<number | undefined> => (await api.client.get(csiNodes, NODE)).spec.drivers[0]?.allocatable?.count;
  maxVolumesPerNode = 9n;
  await api.clock.step(after);
  expect(await count()).toBe(is);
  await api.clock.step(60_000);
  expect(await count()).toBe(later);
  abort.abort();
  await keeping;
});

it('VOL-19: and at once where there was no place for a volume, for which a driver that is away is not waited', async () => {
  const subject = registration();
  await subject.register(abort.signal);
  maxVolumesPerNode = 3n;
  await subject.refreshLimit('other.example', abort.signal);
  const count = async (): Promise<number | undefined> => (await api.client.get(csiNodes, NODE)).spec.drivers[0]?.allocatable?.count;
  expect(await count()).toBe(5);
  await subject.refreshLimit('example.csi', abort.signal);
  expect(await count()).toBe(3);
});
