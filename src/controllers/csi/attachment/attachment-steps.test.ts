import { Buffer } from 'node:buffer';
import { afterEach, describe, expect, it } from 'vitest';
import type { VolumeAttachment } from '#api/generated/kubernetes.ts';
import { csiDrivers, csiNodes, secrets, volumeAttachments } from '#api/resources.ts';
import type { ControllerPublishVolumeRequest } from '#protocols/csi/generated/messages.ts';
import { aNode } from '#testing/builders/node.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'disk.example';
const SECRET = { namespace: 'default', name: 'publish' };
let bench: StorageBench;
afterEach(() => bench.close());

/** An attachment of a volume that names a secret, and what the driver was asked. */
async function attach(overrides: { readonly volume?: string } = {}): Promise<readonly ControllerPublishVolumeRequest[]> {
  const driver = new FakeDriver({ capabilities: ['PUBLISH_UNPUBLISH_VOLUME'] });
  const asked: ControllerPublishVolumeRequest[] = [];
  driver.beforePublish = async (request) => {
    asked.push(request);
  };
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  await bench.client.create(csiDrivers, { metadata: { name: DRIVER }, spec: { attachRequired: true } });
  await bench.createNode(aNode());
  await bench.client.create(csiNodes, { metadata: { name: 'node-1' }, spec: { drivers: [{ name: DRIVER, nodeID: 'one' }] } });
  const csi = { driver: DRIVER, volumeHandle: 'h', controllerPublishSecretRef: SECRET };
  await bench.createVolume({ ...aVolume({ driver: DRIVER }), spec: { ...aVolume({ driver: DRIVER }).spec, csi } });
  await bench.client.create(volumeAttachments, {
    metadata: { name: 'a' },
    spec: { attacher: DRIVER, nodeName: 'node-1', source: { persistentVolumeName: overrides.volume ?? 'pv-1' } },
  });
  await bench.idle();
  return asked;
}

async function status(): Promise<VolumeAttachment['status']> {
  return (await bench.client.get(volumeAttachments, { namespace: '', name: 'a' })).status;
}

describe('VOL-8: attachment', () => {
  it('says that the secret of the volume is missing, and attaches as soon as it is tried with it', async () => {
    const asked = await attach();
    expect(await status()).toMatchObject({ attachError: { message: expect.stringMatching(/secrets "publish" not found/) } });
    expect(asked).toEqual([]);
    await bench.client.create(secrets, { metadata: SECRET, data: { key: Buffer.from('k').toString('base64') } });
    await bench.step(1_000);
    expect(asked).toMatchObject([{ volumeId: 'h', nodeId: 'one', secrets: { key: 'k' } }]);
    expect((await status())?.attached).toBe(true);
  });

  it('detaches a volume of a node that is gone with its CSINode', async () => {
    const driver = new FakeDriver({ capabilities: ['PUBLISH_UNPUBLISH_VOLUME'] });
    bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
    await bench.client.create(csiDrivers, { metadata: { name: DRIVER }, spec: { attachRequired: true } });
    await bench.client.create(csiNodes, { metadata: { name: 'node-9' }, spec: { drivers: [{ name: DRIVER, nodeID: 'nine' }] } });
    await bench.createVolume(aVolume({ driver: DRIVER }));
    await bench.client.create(volumeAttachments, {
      metadata: { name: 'a' },
      spec: { attacher: DRIVER, nodeName: 'node-9', source: { persistentVolumeName: 'pv-1' } },
    });
    await bench.idle();
    expect((await status())?.attached).toBe(true);
    await bench.client.delete(csiNodes, { namespace: '', name: 'node-9' });
    await bench.client.delete(volumeAttachments, { namespace: '', name: 'a' });
    await bench.idle();
    expect(driver.calls).toContainEqual(expect.stringMatching(/^detach .* nine$/));
    await expect(status()).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('says that there is no such volume', async () => {
    await attach({ volume: 'pv-9' });
    const message = 'persistentvolume "pv-9" not found, or not of the CSI driver disk.example';
    expect(await status()).toMatchObject({ attached: false, attachError: { message, errorCode: 9 } });
  });
});
