import { afterEach, describe, expect, it } from 'vitest';
import type { Node, Pod } from '#api/generated/kubernetes.ts';
import { keyOf, type Draft } from '#api/meta/object.ts';
import { csiDrivers, csiStorageCapacities, nodes, persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { SELECTED_NODE } from '#api/storage/names.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Patch } from '#machinery/client/client.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod, type PodOverrides } from '#testing/builders/pod.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { settle } from '#testing/fake-clock.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { type StorageBench, type StorageBenchOptions, startStorageBench } from '#testing/storage-bench.ts';

const open: StorageBench[] = [];
afterEach(async () => {
  for (const bench of open.splice(0)) await bench.close();
});

async function start(options: StorageBenchOptions = {}): Promise<StorageBench> {
  const bench = await startStorageBench(options);
  open.push(bench);
  return bench;
}

function nodeWith(cpu: string, name = 'node-1'): Draft<Node> {
  const node = aNode({ name });
  return { ...node, status: { ...node.status, allocatable: { cpu, memory: '8Gi', pods: '110' } } };
}

function asking(name: string, cpu: string, rest: PodOverrides = {}): Draft<Pod> {
  return aPod({ ...rest, name, container: { resources: { requests: { cpu } } } });
}

async function placed(bench: StorageBench): Promise<readonly string[]> {
  const { items } = await bench.client.list(pods);
  return items.filter(({ spec }) => spec.nodeName !== undefined).map(({ metadata }) => metadata.name);
}

describe('scheduling', () => {
  it('VOL-16: gives nobody room that another pod has, however many are placed at a time', async () => {
    const bench = await start();
    await bench.createNode(nodeWith('4'));
    await Promise.all(Array.from({ length: 20 }, (_unused, index) => bench.createPod(asking(`p-${index}`, '1'))));
    await bench.idle();
    expect(await placed(bench)).toHaveLength(4);
    expect(new Set(bench.told.map(({ message }) => message).filter((message) => message.startsWith('0/')))).toEqual(
      new Set(['0/1 nodes are available: 1 Insufficient cpu.']),
    );
  });

  it('VOL-16: places what waits as soon as a pod leaves its room, without a look at the clock', async () => {
    const bench = await start();
    await bench.createNode(nodeWith('1'));
    await bench.createPod(asking('first', '1'));
    await bench.idle();
    await bench.createPod(asking('second', '1'));
    await bench.idle();
    expect(await placed(bench)).toEqual(['first']);
    await bench.client.delete(pods, { namespace: 'default', name: 'first' }, { gracePeriodSec: 0 });
    await bench.idle();
    expect(await placed(bench)).toEqual(['second']);
  });

  it('VOL-16: places what waits as soon as a pod does not get the room that it was to have', async () => {
    const driver = new FakeDriver();
    driver.beforeCreate = () => Promise.reject(driverError('Unavailable', 'nobody listens'));
    const bench = await start({ drivers: { 'disk.example': driver } });
    await bench.createNode(nodeWith('1'));
    await bench.createClass(aClass({ provisioner: 'disk.example', bindingMode: 'WaitForFirstConsumer' }));
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.createPod(asking('first', '1', { claims: ['data'] }));
    await bench.idle();
    await bench.createPod(asking('second', '1'));
    await bench.idle();
    expect(await placed(bench)).toEqual([]);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    expect(await placed(bench)).toEqual(['second']);
  });

  it('VOL-16: gives the room of a pod that the API refuses to bind to others', async () => {
    const bench = await start({
      wrapClient: (client) =>
        overrideClient(client, {
          bindPod: async (pod) => {
            // why late: the other pod looks for a node meanwhile, and finds none
            await settle();
            if (pod.key.name !== 'first') return client.bindPod(pod);
            throw new PlatformError({ code: 'PermissionDenied', reason: 'Forbidden', message: 'not this one', retry: 'never' });
          },
        }),
    });
    await bench.createNode(nodeWith('1'));
    await bench.createPod(asking('first', '1'));
    await bench.createPod(asking('second', '1'));
    await bench.idle();
    expect(await placed(bench)).toEqual(['second']);
  });

  it('VOL-16: places what waits for room of a driver as soon as a claim gives up what was promised to it', async () => {
    const driver = new FakeDriver();
    driver.beforeCreate = () => Promise.reject(driverError('Unavailable', 'nobody listens'));
    const bench = await start({ drivers: { 'disk.example': driver } });
    await bench.createNode(aNode());
    await bench.createClass(aClass({ provisioner: 'disk.example', bindingMode: 'WaitForFirstConsumer' }));
    await bench.client.create(csiDrivers, { metadata: { name: 'disk.example' }, spec: { storageCapacity: true } });
    await bench.client.create(csiStorageCapacities, {
      metadata: { name: 'room', namespace: 'default' },
      storageClassName: 'fast',
      nodeTopology: {},
      capacity: '10Mi',
    });
    for (const name of ['one', 'two']) {
      await bench.createClaim(aClaim({ name, storageClassName: 'fast', size: '10Mi' }));
      await bench.createPod(aPod({ name: `uses-${name}`, claims: [name] }));
      await bench.idle();
    }
    const selectedNode = async (name: string) => (await bench.claim(name))?.metadata.annotations?.[SELECTED_NODE];
    expect([await selectedNode('one'), await selectedNode('two')]).toEqual([aNode().metadata.name, undefined]);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'one' });
    await bench.idle();
    expect(await selectedNode('two')).toBe(aNode().metadata.name);
  });

  it('VOL-16: the pod of the higher priority gets the room that there is', async () => {
    const bench = await start();
    const spec = (priority: number) => ({ spec: { priority } });
    await Promise.all([
      ...Array.from({ length: 20 }, (_unused, index) => bench.createPod(asking(`low-${index}`, '1', spec(0)))),
      bench.createPod(asking('high', '1', spec(1_000))),
    ]);
    await bench.idle();
    await bench.createNode(nodeWith('1'));
    await bench.idle();
    expect(await placed(bench)).toEqual(['high']);
  });

  it('VOL-16: looks again when a node gets what was lacking, and only then', async () => {
    const bench = await start();
    const node = await bench.createNode(nodeWith('1'));
    await bench.createPod(aPod({ spec: { nodeSelector: { disk: 'ssd' } } }));
    await bench.idle();
    const before = bench.toldAbout('web').length;
    const patch = async (body: object, subresource?: 'status'): Promise<void> => {
      const target = { key: keyOf(node), patch: { type: 'merge' as const, body } };
      await bench.client.patch(nodes, target, subresource === undefined ? {} : { subresource });
      await bench.idle();
    };
    await patch({ status: { allocatable: { cpu: '8' } } }, 'status');
    expect(bench.toldAbout('web')).toHaveLength(before);
    await patch({ metadata: { labels: { disk: 'ssd' } } });
    expect(await placed(bench)).toEqual(['web']);
  });

  it('VOL-16: reserves nothing for a pod whose other claim can’t be served', async () => {
    const bench = await start();
    await bench.createNode(nodeWith('1'));
    await bench.createClass(aClass({ name: 'local', provisioner: 'kubernetes.io/no-provisioner', bindingMode: 'WaitForFirstConsumer' }));
    await bench.createVolume(aVolume({ name: 'pv-1', storageClassName: 'local' }));
    for (const name of ['one', 'two']) await bench.createClaim(aClaim({ name, storageClassName: 'local' }));
    await bench.createPod(aPod({ claims: ['one', 'two'] }));
    await bench.idle();
    expect((await bench.volume('pv-1'))?.spec.claimRef).toBeUndefined();
    expect((await bench.claim('one'))?.status?.phase).toBe('Pending');
    await bench.createVolume(aVolume({ name: 'pv-2', storageClassName: 'local' }));
    await bench.idle();
    expect(new Set([(await bench.claim('one'))?.spec.volumeName, (await bench.claim('two'))?.spec.volumeName])).toEqual(
      new Set(['pv-1', 'pv-2']),
    );
    expect(await placed(bench)).toEqual(['web']);
  });

  it('VOL-16: takes a reservation back where the next one is refused', async () => {
    let refusals = 0;
    const bench = await start({
      wrapClient: (client) => ({
        ...client,
        get: (resource, key) => client.get(resource, key),
        list: (resource, options) => client.list(resource, options),
        watch: (resource, options) => client.watch(resource, options),
        bindPod: (pod) => client.bindPod(pod),
        patch: async (resource, target, options) => {
          const isSecond = resource.kind === 'PersistentVolume' && target.key.name === 'pv-2' && options?.subresource === undefined;
          // somebody edits the second volume in the moment before it is reserved
          if (isSecond && (refusals += 1) === 1)
            await bench.client.patch(persistentVolumes, {
              key: target.key,
              patch: { type: 'merge', body: { spec: { claimRef: { namespace: 'other', name: 'thief' } } } },
            });
          return client.patch(resource, target, options);
        },
      }),
    });
    await bench.createNode(nodeWith('1'));
    await bench.createClass(aClass({ name: 'local', provisioner: 'kubernetes.io/no-provisioner', bindingMode: 'WaitForFirstConsumer' }));
    for (const name of ['pv-1', 'pv-2']) await bench.createVolume(aVolume({ name, storageClassName: 'local' }));
    for (const name of ['one', 'two']) await bench.createClaim(aClaim({ name, storageClassName: 'local' }));
    await bench.createPod(aPod({ claims: ['one', 'two'] }));
    await bench.idle();
    await bench.step(2_000);
    expect(refusals).toBeGreaterThan(0);
    expect((await bench.volume('pv-1'))?.spec.claimRef).toBeUndefined();
    expect((await bench.claim('one'))?.spec.volumeName).toBeUndefined();
  });
});

describe('VOL-16: preemption', () => {
  const urgent = (name: string, cpu: string, rest: PodOverrides = {}): Draft<Pod> => {
    const pod = asking(name, cpu, rest);
    return { ...pod, spec: { ...pod.spec, priority: 1000 } };
  };
  const ended = (bench: StorageBench, name: string): Promise<unknown> =>
    bench.client.delete(pods, { namespace: 'default', name }, { gracePeriodSec: 0 });

  it('has a pod of lower priority leave, says so, and places the urgent one when it is gone', async () => {
    const bench = await start();
    await bench.createNode(nodeWith('1'));
    await bench.createPod(asking('low', '1'));
    await bench.idle();
    await bench.createPod(urgent('high', '1'));
    await bench.idle();
    const low = await bench.client.get(pods, { namespace: 'default', name: 'low' });
    expect(low.metadata.deletionTimestamp).toBeDefined();
    expect(low.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }),
    );
    const high = await bench.client.get(pods, { namespace: 'default', name: 'high' });
    expect(high.status?.nominatedNodeName).toBe('node-1');
    expect(bench.told.map(({ reason, message }) => `${reason}: ${message}`)).toContain(
      `Preempted: Preempted by pod ${high.metadata.uid} on node node-1`,
    );
    await ended(bench, 'low');
    await bench.idle();
    expect(await placed(bench)).toEqual(['high']);
    const there = await bench.client.get(pods, { namespace: 'default', name: 'high' });
    expect(there.status?.nominatedNodeName).toBeUndefined();
  });

  it('keeps the room that was made from pods of lower priority', async () => {
    const bench = await start();
    await bench.createNode(nodeWith('2'));
    await bench.createPod(asking('low', '2'));
    await bench.idle();
    await bench.createPod(urgent('high', '2', { spec: { schedulingGates: [] } }));
    await bench.idle();
    await bench.createPod(asking('late', '1'));
    await bench.idle();
    await ended(bench, 'low');
    await bench.idle();
    expect(await placed(bench)).toEqual(['high']);
    await ended(bench, 'high');
    await bench.idle();
    expect(await placed(bench)).toEqual(['late']);
  });

  it('VOL-10: has the one that uses a claim for one pod only leave', async () => {
    const bench = await start();
    await bench.createNode(nodeWith('4'));
    await bench.createClass(aClass({ provisioner: 'disk.example' }));
    await bench.createVolume(aVolume({ name: 'v', accessModes: ['ReadWriteOncePod'], storageClassName: '' }));
    await bench.createClaim(aClaim({ accessModes: ['ReadWriteOncePod'], storageClassName: '' }));
    await bench.createPod(asking('low', '1', { claims: ['data'] }));
    await bench.idle();
    await bench.createPod(urgent('high', '1', { claims: ['data'] }));
    await bench.idle();
    await ended(bench, 'low');
    await bench.idle();
    expect(await placed(bench)).toEqual(['high']);
  });

  it('places nobody for the company of one that is only nominated', async () => {
    const bench = await start();
    await bench.createNode(nodeWith('4'));
    await bench.createPod(asking('low', '2'));
    await bench.idle();
    await bench.createPod(urgent('high', '4', { labels: { app: 'db' } }));
    await bench.idle();
    const term = { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'kubernetes.io/hostname' };
    const friend = urgent('friend', '0', {
      spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
    });
    await bench.createPod(friend);
    await bench.idle();
    expect(await placed(bench)).toEqual(['low']);
    await ended(bench, 'low');
    await bench.idle();
    expect((await placed(bench)).toSorted()).toEqual(['friend', 'high']);
  });

  it('has the others leave though one can not be told to', async () => {
    const told = new Set<string>();
    const bench = await start({
      wrapClient: (client) =>
        overrideClient(client, {
          delete: (resource, key, options) => {
            if (resource.kind !== 'Pod') return client.delete(resource, key, options);
            told.add(key.name);
            if (key.name === 'low-1')
              throw new PlatformError({ code: 'Unavailable', reason: 'Unavailable', message: 'later', retry: 'backoff' });
            return client.delete(resource, key, options);
          },
        }),
    });
    await bench.createNode(nodeWith('3'));
    for (const name of ['low-1', 'low-2', 'low-3']) await bench.createPod(asking(name, '1'));
    await bench.idle();
    await bench.createPod(urgent('high', '3'));
    await bench.idle();
    expect([...told].toSorted()).toEqual(['low-1', 'low-2', 'low-3']);
  });

  it('gives the room to others where the nomination is refused', async () => {
    const bench = await start({
      wrapClient: (client) =>
        overrideClient(client, {
          patch: (resource, target, options) => {
            if (target.key.name !== 'refused' || !isNomination(target.patch)) return client.patch(resource, target, options);
            throw new PlatformError({ code: 'PermissionDenied', reason: 'Forbidden', message: 'not this one', retry: 'never' });
          },
        }),
    });
    await bench.createNode(nodeWith('3'));
    await bench.createPod(asking('low', '2'));
    await bench.idle();
    await bench.createPod(urgent('refused', '3'));
    await bench.idle();
    await bench.createPod(asking('late', '1'));
    await bench.idle();
    expect((await placed(bench)).toSorted()).toEqual(['late', 'low']);
  });

  it('has nobody leave for a pod that went while that was written', async () => {
    const bench = await start({
      wrapClient: (client) =>
        overrideClient(client, {
          patch: async (resource, target, options) => {
            const patched = await client.patch(resource, target, options);
            if (resource.kind === 'Pod' && target.key.name === 'gone' && !isNomination(target.patch)) {
              await ended(bench, 'gone');
              await settle();
            }
            return patched;
          },
        }),
    });
    await bench.createNode(nodeWith('3'));
    await bench.createPod(asking('low', '2'));
    await bench.idle();
    await bench.createPod(urgent('gone', '3'));
    await bench.idle();
    await bench.createPod(asking('late', '1'));
    await bench.idle();
    expect((await placed(bench)).toSorted()).toEqual(['late', 'low']);
    expect((await bench.client.get(pods, { namespace: 'default', name: 'low' })).metadata.deletionTimestamp).toBeUndefined();
  });
});

function isNomination(patch: Patch): boolean {
  return patch.type === 'merge' && JSON.stringify(patch.body).includes('"nominatedNodeName":"');
}
