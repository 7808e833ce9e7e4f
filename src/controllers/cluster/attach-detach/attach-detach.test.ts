import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Node, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { csiDrivers, csiNodes, nodes, persistentVolumeClaims, persistentVolumes, pods, volumeAttachments } from '#api/resources.ts';
import type { Client } from '#machinery/client/client.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { settle } from '#testing/fake-clock.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'disk.example';
const FINALIZER = 'external-attacher/disk-example';
let bench: StorageBench;
let driver: FakeDriver;

beforeEach(async () => {
  bench = await startAttachBench();
});
afterEach(async () => bench.close());

async function startAttachBench(wrapClient?: (client: Client) => Client): Promise<StorageBench> {
  driver = new FakeDriver({ capabilities: ['PUBLISH_UNPUBLISH_VOLUME'] });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, ...(wrapClient === undefined ? {} : { wrapClient }) });
  await bench.client.create(csiDrivers, { metadata: { name: DRIVER }, spec: { attachRequired: true } });
  for (const name of ['node-1', 'node-2']) {
    await bench.createNode(aNode({ name }));
    await bench.client.create(csiNodes, { metadata: { name }, spec: { drivers: [{ name: DRIVER, nodeID: `id-of-${name}` }] } });
  }
  await bench.createClass(aClass({ provisioner: DRIVER }));
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  driver.calls.length = 0;
  return bench;
}

/** Lets time pass in small steps, until the next try is minutes away. */
async function outage(): Promise<void> {
  for (let passedMs = 0; passedMs < 200_000; passedMs += 10_000) await bench.step(10_000);
}

async function attachments(): Promise<readonly VolumeAttachment[]> {
  return (await bench.client.list(volumeAttachments)).items;
}

async function podOn(nodeName: string, name = 'web'): Promise<Pod> {
  const pod = await bench.createPod(aPod({ name, claims: ['data'], nodeName }));
  await bench.idle();
  return pod;
}

async function removePod(name = 'web'): Promise<void> {
  await bench.client.delete(pods, { namespace: 'default', name }, { gracePeriodSec: 0 });
  await bench.idle();
}

async function patchNode(name: string, body: object, subresource?: 'status'): Promise<Node> {
  const target = { key: { namespace: '', name }, patch: { type: 'merge', body } } as const;
  const node = await bench.client.patch(nodes, target, subresource === undefined ? {} : { subresource });
  await bench.idle();
  return node;
}

describe('attachment', () => {
  it('attaches what a pod on its node needs, and detaches when the pod is gone', async () => {
    await podOn('node-1');
    const [attachment] = await attachments();
    const volume = (await bench.claim())?.spec.volumeName ?? '';
    expect(attachment).toMatchObject({
      metadata: { name: expect.stringMatching(/^csi-[0-9a-f]{64}$/), finalizers: [FINALIZER] },
      spec: { attacher: DRIVER, nodeName: 'node-1', source: { persistentVolumeName: volume } },
      status: { attached: true, attachmentMetadata: { device: `/dev/disk/vol-${volume}` } },
    });
    expect((await bench.volume(volume))?.metadata.finalizers).toContain(FINALIZER);
    expect(bench.toldAbout('web')).toContain(`SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "${volume}"`);
    await removePod();
    expect(await attachments()).toEqual([]);
    expect(driver.calls).toEqual([`attach vol-${volume} id-of-node-1`, `detach vol-${volume} id-of-node-1`]);
  });

  it('attaches for pods that were there before their driver said that it attaches', async () => {
    await bench.client.delete(csiDrivers, { namespace: '', name: DRIVER });
    await podOn('node-1');
    expect(await attachments()).toEqual([]);
    await bench.client.create(csiDrivers, { metadata: { name: DRIVER }, spec: { attachRequired: true } });
    await bench.idle();
    expect((await attachments()).map(({ spec, status }) => [spec.nodeName, status?.attached])).toEqual([['node-1', true]]);
  });

  it('attaches one volume to one node at a time, and says which node has it', async () => {
    await podOn('node-1');
    await podOn('node-2', 'late');
    expect((await attachments()).map(({ spec }) => spec.nodeName)).toEqual(['node-1']);
    expect(bench.toldAbout('late').at(-1)).toMatch(/^FailedAttachVolume: Multi-Attach error for volume .* node node-1 has it/);
    await removePod();
    expect((await attachments()).map(({ spec, status }) => [spec.nodeName, status?.attached])).toEqual([['node-2', true]]);
  });

  it('keeps the driver’s refusal in the status, tells the pod, and tries again', async () => {
    driver.beforePublish = async () => {
      throw driverError('Internal', 'no such disk');
    };
    await podOn('node-1');
    expect((await attachments())[0]?.status).toMatchObject({ attached: false, attachError: { message: 'no such disk' } });
    expect(bench.toldAbout('web').at(-1)).toMatch(/^FailedAttachVolume: AttachVolume.Attach failed for volume .* : no such disk$/);
    driver.beforePublish = async () => {};
    await bench.step(1_500);
    expect((await attachments())[0]?.status).toEqual({ attached: true, attachmentMetadata: expect.anything() });
  });

  it('waits while the node says that it uses the volume, and six minutes after it was last ready', async () => {
    await podOn('node-1');
    const volume = (await bench.claim())?.spec.volumeName ?? '';
    const volumesInUse = [`kubernetes.io/csi/${DRIVER}^vol-${volume}`];
    await patchNode('node-1', { status: { volumesInUse } }, 'status');
    await removePod();
    await bench.step(60_000);
    expect(await attachments()).toHaveLength(1);
    const lastTransitionTime = new Date(bench.api.clock.nowMs()).toISOString().replace(/\.\d+/, '');
    await patchNode('node-1', { status: { conditions: [{ type: 'Ready', status: 'Unknown', lastTransitionTime }] } }, 'status');
    await bench.step(350_000);
    expect(await attachments()).toHaveLength(1);
    await bench.step(20_000);
    expect(await attachments()).toEqual([]);
  });

  it('leaves an attachment alone that somebody else has made', async () => {
    await podOn('node-1');
    const volume = (await bench.claim())?.spec.volumeName ?? '';
    const spec = { attacher: 'other.example', nodeName: 'node-2', source: { persistentVolumeName: volume } };
    await bench.client.create(volumeAttachments, { metadata: { name: 'by-hand' }, spec });
    await removePod();
    await bench.step(600_000);
    expect((await attachments()).map(({ metadata }) => metadata.name)).toEqual(['by-hand']);
  });

  it.each([
    { name: 'of another attacher, of a volume that is not there', attacher: 'other.example', volume: 'pv-of-nobody' },
    { name: 'of this attacher, of a volume that is not there', attacher: DRIVER, volume: 'pv-of-nobody' },
    { name: 'of this attacher, of a volume that no pod uses', attacher: DRIVER, volume: undefined },
  ])('leaves an attachment alone that somebody made by hand: $name', async ({ attacher, volume }) => {
    const persistentVolumeName = volume ?? (await bench.claim())?.spec.volumeName ?? '';
    const spec = { attacher, nodeName: 'node-1', source: { persistentVolumeName } };
    await bench.client.create(volumeAttachments, { metadata: { name: 'va-by-hand' }, spec });
    await bench.step(600_000);
    expect((await attachments()).map(({ metadata }) => metadata.name)).toEqual(['va-by-hand']);
  });

  it('VOL-17: detaches from a node that is out of service as soon as its pods are on their way out', async () => {
    await podOn('node-1');
    await patchNode('node-1', {
      spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }] },
    });
    await bench.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSec: 30 });
    await bench.idle();
    expect(await attachments()).toEqual([]);
    await podOn('node-2', 'next');
    expect((await attachments()).map(({ spec, status }) => [spec.nodeName, status?.attached])).toEqual([['node-2', true]]);
  });

  it('attaches to one node only when pods of two nodes ask at the same moment', async () => {
    await bench.close();
    const held: (() => void)[] = [];
    bench = await startAttachBench((client) =>
      overrideClient(client, {
        create: async (resource, draft, options) => {
          if (resource.plural === volumeAttachments.plural) await new Promise<void>((resolve) => held.push(resolve));
          return client.create(resource, draft, options);
        },
      }),
    );
    await bench.createPod(aPod({ name: 'web', claims: ['data'], nodeName: 'node-1' }));
    await bench.createPod(aPod({ name: 'late', claims: ['data'], nodeName: 'node-2' }));
    await settle();
    while (held.length > 0) {
      held.pop()?.();
      await settle();
    }
    await bench.idle();
    expect(await attachments()).toHaveLength(1);
    expect(driver.calls.map((call) => call.split(' ')[0])).toEqual(['attach']);
  });

  it('lets a volume go that was taken off two nodes at the same moment', async () => {
    await bench.createClaim(aClaim({ name: 'shared', storageClassName: 'fast', accessModes: ['ReadWriteMany'] }));
    for (const [index, nodeName] of ['node-1', 'node-2'].entries())
      await bench.createPod(aPod({ name: `web-${index}`, claims: ['shared'], nodeName }));
    await bench.idle();
    await bench.step(100);
    expect((await attachments()).map(({ status }) => status?.attached)).toEqual([true, true]);
    const volume = (await bench.claim('shared'))?.spec.volumeName ?? '';
    const held: (() => void)[] = [];
    driver.beforeUnpublish = () => new Promise((resolve) => void held.push(resolve));
    for (const name of ['web-0', 'web-1']) await bench.client.delete(pods, { namespace: 'default', name }, { gracePeriodSec: 0 });
    for (let turn = 0; turn < 20; turn += 1) await settle();
    held.forEach((resolve) => resolve());
    driver.beforeUnpublish = async () => {};
    expect(held).toHaveLength(2);
    await bench.idle();
    expect(await attachments()).toEqual([]);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'shared' });
    await bench.idle();
    expect(await bench.volume(volume)).toBeUndefined();
    expect(driver.volumes.size).toBe(1);
  });

  it('keeps a volume that is deleted as long as it is attached', async () => {
    await podOn('node-1');
    const volume = (await bench.claim())?.spec.volumeName ?? '';
    await bench.client.delete(persistentVolumes, { namespace: '', name: volume });
    await bench.idle();
    expect((await bench.volume(volume))?.metadata.finalizers).toContain(FINALIZER);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await removePod();
    expect(await bench.volume(volume)).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
  });

  it('calls no change by somebody else a failure of the attachment', async () => {
    await bench.close();
    bench = await startAttachBench((client) => {
      let isFirst = true;
      return overrideClient(client, {
        patch: async (resource, target, options) => {
          const isFinalizer = target.patch.type === 'merge' && JSON.stringify(target.patch.body).includes(FINALIZER);
          if (isFinalizer && isFirst) {
            isFirst = false;
            await client.patch(resource, { key: target.key, patch: { type: 'merge', body: { metadata: { labels: { team: 'a' } } } } });
          }
          return client.patch(resource, target, options);
        },
      });
    });
    await podOn('node-1');
    await bench.step(100);
    expect((await attachments())[0]?.status?.attached).toBe(true);
    expect(bench.toldAbout('web').filter((text) => text.startsWith('Failed'))).toEqual([]);
  });

  it('CLASS-6: attaches at once when a driver that was away answers again, however long the next try was off', async () => {
    driver.beforePublish = () => Promise.reject(driverError('Unavailable', 'nobody listens'));
    await podOn('node-1');
    await outage();
    driver.beforePublish = async () => {};
    await bench.announce(DRIVER);
    expect((await attachments())[0]?.status?.attached).toBe(true);
  });

  it('CLASS-6: attaches at once when a driver comes that was not connected', async () => {
    bench.drivers.delete(DRIVER);
    await podOn('node-1');
    await outage();
    expect((await attachments())[0]?.status?.attached).not.toBe(true);
    bench.drivers.set(DRIVER, driver);
    await bench.announce(DRIVER);
    expect((await attachments())[0]?.status?.attached).toBe(true);
  });

  it('CLASS-6: attaches at once when the node says that it has the driver', async () => {
    const key = { namespace: '', name: 'node-1' };
    const drivers = (await bench.client.get(csiNodes, key)).spec.drivers;
    await bench.client.patch(csiNodes, { key, patch: { type: 'merge', body: { spec: { drivers: [] } } } });
    await podOn('node-1');
    await outage();
    expect((await attachments())[0]?.status).toMatchObject({
      attachError: { message: expect.stringMatching(/^CSINode node-1 does not contain driver/) },
    });
    await bench.client.patch(csiNodes, { key, patch: { type: 'merge', body: { spec: { drivers } } } });
    await bench.idle();
    expect((await attachments())[0]?.status?.attached).toBe(true);
  });

  it('goes on after a crash, and asks for nothing twice', async () => {
    await podOn('node-1');
    await bench.halt();
    await bench.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSec: 0 });
    await bench.restart();
    expect(await attachments()).toEqual([]);
    expect(driver.calls.map((call) => call.split(' ')[0])).toEqual(['attach', 'detach']);
  });
});
