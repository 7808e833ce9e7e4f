import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Node, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { csiDrivers, csiNodes, nodes, pods, volumeAttachments } from '#api/resources.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'disk.example';
const FINALIZER = 'external-attacher/disk-example';
let bench: StorageBench;
let driver: FakeDriver;

beforeEach(async () => {
  driver = new FakeDriver({ capabilities: ['PUBLISH_UNPUBLISH_VOLUME'] });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  await bench.client.create(csiDrivers, { metadata: { name: DRIVER }, spec: { attachRequired: true } });
  for (const name of ['node-1', 'node-2']) {
    await bench.createNode(aNode({ name }));
    await bench.client.create(csiNodes, { metadata: { name }, spec: { drivers: [{ name: DRIVER, nodeID: `id-of-${name}` }] } });
  }
  await bench.createClass(aClass({ provisioner: DRIVER }));
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  driver.calls.length = 0;
});
afterEach(async () => bench.close());

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
    expect((await bench.volume(volume))?.metadata.finalizers).not.toContain(FINALIZER);
    expect(driver.calls).toEqual([`attach vol-${volume} id-of-node-1`, `detach vol-${volume} id-of-node-1`]);
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

  it('goes on after a crash, and asks for nothing twice', async () => {
    await podOn('node-1');
    await bench.halt();
    await bench.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSec: 0 });
    await bench.restart();
    expect(await attachments()).toEqual([]);
    expect(driver.calls.map((call) => call.split(' ')[0])).toEqual(['attach', 'detach']);
  });
});
