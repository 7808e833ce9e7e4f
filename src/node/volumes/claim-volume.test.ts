import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, Volume } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { csiDrivers, persistentVolumeClaims, persistentVolumes, volumeAttachments } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim, type ClaimOverrides } from '#testing/builders/claim.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { describeCsiVolume, readBoundClaim } from './claim-volume.ts';

const DRIVER = 'disk.example';
const pod = aStoredPod({ nodeName: 'node-1' });
const source: Volume = { name: 'scratch', persistentVolumeClaim: { claimName: 'data' } };
const ephemeral = trusted<Volume>({ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: {} } } });
let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});
afterEach(async () => api.close());

function createBoundClaim(over: ClaimOverrides = {}): Promise<PersistentVolumeClaim> {
  return createClaim({ volumeName: 'pv-1', ...over }, 'Bound');
}

async function createClaim(over: ClaimOverrides, phase: string): Promise<PersistentVolumeClaim> {
  const made = await api.client.create(persistentVolumeClaims, aClaim(over));
  const patch = { type: 'merge', body: { status: { phase } } } as const;
  return api.client.patch(persistentVolumeClaims, { key: keyOf(made), patch }, { subresource: 'status' });
}

function createVolumeOf(claim: PersistentVolumeClaim): Promise<PersistentVolume> {
  return api.client.create(persistentVolumes, aVolume({ claim, driver: DRIVER }));
}

describe('readBoundClaim', () => {
  it('answers the claim of the pod’s namespace and its volume', async () => {
    const claim = await createBoundClaim();
    await createVolumeOf(claim);
    expect(await readBoundClaim(api.client, pod, source)).toMatchObject({
      claim: { metadata: { uid: claim.metadata.uid } },
      volume: { metadata: { name: 'pv-1' } },
      isReadOnly: false,
    });
    const readOnly = { name: 'scratch', persistentVolumeClaim: { claimName: 'data', readOnly: true } };
    expect((await readBoundClaim(api.client, pod, readOnly)).isReadOnly).toBe(true);
  });

  it.each([
    { name: 'there is no claim', make: async () => {}, says: 'persistentvolumeclaim "data" not found' },
    { name: 'the claim waits', make: () => createClaim({}, 'Pending'), says: '"data" is not bound yet (Pending)' },
    { name: 'its volume is gone', make: () => createBoundClaim(), says: 'persistentvolume "pv-1" of claim "data" not found' },
    {
      name: 'VOL-3: the volume that it names is another’s',
      make: async () => {
        const other = await createBoundClaim({ name: 'other' });
        await createBoundClaim();
        await createVolumeOf(other);
      },
      says: '"pv-1" is bound to another claim than "data"',
    },
  ])('is not ready where $name', async ({ make, says }) => {
    await make();
    await expect(readBoundClaim(api.client, pod, source)).rejects.toMatchObject({
      reason: 'FailedMount',
      message: expect.stringContaining(says),
    });
  });

  it('VOL-10: takes no claim for a generic ephemeral volume that was not made for the pod', async () => {
    await createVolumeOf(await createBoundClaim({ name: 'web-scratch' }));
    await expect(readBoundClaim(api.client, pod, ephemeral)).rejects.toThrow('was not created for the pod (the pod is not its owner)');
  });
});

describe('describeCsiVolume', () => {
  const use = { pod, capabilities: new Set<string>(), tokens: undefined };
  const name = `csi-${createHash('sha256').update(`pv-1${DRIVER}node-1`).digest('hex')}`;
  const attach = async (nodeName: string, status: object): Promise<void> => {
    const spec = { attacher: DRIVER, nodeName, source: { persistentVolumeName: 'pv-1' } };
    const made = await api.client.create(volumeAttachments, { metadata: { name }, spec });
    const patch = { type: 'merge', body: { status } } as const;
    await api.client.patch(volumeAttachments, { key: keyOf(made), patch }, { subresource: 'status' });
  };
  const describeIt = async (attachRequired: boolean, more: object = {}): Promise<unknown> => {
    await api.client.create(csiDrivers, { metadata: { name: DRIVER }, spec: { attachRequired, ...more } });
    const volume = await createVolumeOf(await createBoundClaim());
    return describeCsiVolume(api.client, { volume, isReadOnly: false }, use);
  };

  it('CLASS-6: waits until the volume is attached to this node', async () => {
    await expect(describeIt(true)).rejects.toThrow('volume pv-1 is not attached to node node-1 yet');
  });

  it('CLASS-6: waits with the driver’s words where attaching fails', async () => {
    await attach('node-1', { attached: false, attachError: { message: 'no such disk' } });
    await expect(describeIt(true)).rejects.toThrow('is not attached to node node-1 yet: no such disk');
  });

  it.each([
    { name: 'has no more places', code: 8, more: { nodeAllocatableUpdatePeriodSeconds: 60 }, reason: 'VolumeAttachmentLimitExceeded' },
    { name: 'has none and does not tell anew how many', code: 8, more: {}, reason: 'FailedMount' },
    { name: 'is away', code: 14, more: { nodeAllocatableUpdatePeriodSeconds: 60 }, reason: 'FailedMount' },
  ])('VOL-19: the driver $name', async ({ code, more, reason }) => {
    await attach('node-1', { attached: false, attachError: { message: '5 of 5', errorCode: code } });
    await expect(describeIt(true, more)).rejects.toMatchObject({ reason, message: expect.stringContaining('5 of 5') });
  });

  it('CLASS-6: hands over what attaching answered', async () => {
    await attach('node-1', { attached: true, attachmentMetadata: { device: '/dev/sdb' } });
    expect(await describeIt(true)).toMatchObject({ isAttached: true, publishContext: { device: '/dev/sdb' } });
  });

  it('CLASS-6: waits while the volume is being detached, although it still says that it is attached', async () => {
    await attach('node-1', { attached: true });
    const [attachment] = (await api.client.list(volumeAttachments)).items;
    const key = { namespace: '', name: attachment?.metadata.name ?? '' };
    await api.client.patch(volumeAttachments, {
      key,
      patch: { type: 'merge', body: { metadata: { finalizers: ['example.com/attacher'] } } },
    });
    await api.client.delete(volumeAttachments, key);
    await expect(describeIt(true)).rejects.toThrow('volume pv-1 is being detached from node node-1');
  });

  it('waits for nothing where the driver attaches nothing', async () => {
    expect(await describeIt(false)).toMatchObject({ isAttached: false, publishContext: {}, volumeHandle: 'pv-1' });
  });
});
