import { afterEach, describe, expect, it } from 'vitest';
import type { PersistentVolume, Pod, PodStatus } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';
import { recycle } from './recycle.ts';

const POD = { namespace: 'default', name: 'recycler-for-pv-1' };
let bench: StorageBench;

afterEach(async () => bench.close());

async function recycler(): Promise<Pod | undefined> {
  try {
    return await bench.client.get(pods, POD);
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

/** What the node would say of the recycler. */
async function ends(status: PodStatus): Promise<void> {
  await bench.client.patch(pods, { key: POD, patch: { type: 'merge', body: { status } } }, { subresource: 'status' });
  await bench.idle();
}

function ctx(): Ctx {
  const { client, api } = bench;
  return {
    client,
    clock: api.clock,
    ids: new SystemIds(),
    log: silentLogger,
    events: { record: () => {} },
    signal: new AbortController().signal,
  };
}

async function useAndLeave(name: string): Promise<PersistentVolume | undefined> {
  await bench.createClaim(aClaim({ name, storageClassName: '' }));
  await bench.idle();
  await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name });
  await bench.idle();
  return bench.volume('pv-1');
}

async function released(overrides: Parameters<typeof aVolume>[0] = {}): Promise<PersistentVolume | undefined> {
  bench = await startStorageBench();
  await bench.createVolume(aVolume({ reclaimPolicy: 'Recycle', ...overrides }));
  return useAndLeave('data');
}

describe('VOL-6: Recycle', () => {
  it('empties the volume by a pod of its own, then the next claim gets it', async () => {
    const volume = await released();
    expect(volume?.status?.phase).toBe('Released');
    const pod = await recycler();
    expect(pod?.spec).toMatchObject({
      restartPolicy: 'Never',
      volumes: [{ hostPath: { path: '/srv/pv-1', type: 'Directory' } }],
      containers: [{ image: 'busybox', volumeMounts: [{ mountPath: '/scrub' }] }],
    });
    expect(pod?.metadata).toMatchObject({
      // why: a link in place of the directory must not be followed out of the volume
      annotations: { 'volumes.stowage.dev/host-path-links': 'refuse' },
      ownerReferences: [{ kind: 'PersistentVolume', uid: volume?.metadata.uid }],
    });
    await ends({ phase: 'Succeeded' });
    const free = await bench.volume('pv-1');
    expect(free?.status?.phase).toBe('Available');
    expect(free?.spec.claimRef).toBeUndefined();
    expect(await recycler()).toBeUndefined();
    expect(bench.toldAbout('pv-1').map((line) => line.split(':')[0])).toEqual(['RecyclerPod', 'VolumeRecycled']);
    await bench.createClaim(aClaim({ name: 'next', storageClassName: '' }));
    await bench.idle();
    expect((await bench.claim('next'))?.status?.phase).toBe('Bound');
  });

  it('keeps a reservation that a user had made by name', async () => {
    await released({ spec: { claimRef: { namespace: 'default', name: 'data' } } });
    await ends({ phase: 'Succeeded' });
    const volume = await bench.volume('pv-1');
    expect(volume?.status?.phase).toBe('Available');
    expect(volume?.spec.claimRef).toEqual({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' });
  });

  it.each([
    {
      name: 'fails',
      status: { phase: 'Failed', containerStatuses: [ended('could not be removed: busy')] },
      waitMs: 0,
      says: 'could not be removed: busy',
    },
    {
      name: 'is not done in time',
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: 'no nodes available' }] },
      waitMs: 120_000,
      says: 'was not done within 90 s: no nodes available',
    },
  ])('leaves the volume Failed with the words of a recycler that $name', async ({ status, waitMs, says }) => {
    await released();
    await ends(status);
    if (waitMs > 0) await bench.step(waitMs);
    const volume = await bench.volume('pv-1');
    expect(volume?.status).toMatchObject({ phase: 'Failed', reason: 'VolumeFailedRecycle', message: expect.stringContaining(says) });
    expect(await recycler()).toBeUndefined();
    await bench.step(600_000);
    expect(await recycler()).toBeUndefined();
  });

  it('removes nothing of a claim that is there, whatever the phase of its volume says', async () => {
    bench = await startStorageBench();
    await bench.createVolume(aVolume({ reclaimPolicy: 'Recycle' }));
    await bench.createClaim(aClaim({ storageClassName: '' }));
    await bench.idle();
    const patch = { type: 'merge', body: { status: { phase: 'Released' } } } as const;
    await bench.client.patch(persistentVolumes, { key: { namespace: '', name: 'pv-1' }, patch }, { subresource: 'status' });
    await bench.idle();
    expect(bench.toldAbout('pv-1')).toEqual([]);
    expect((await bench.volume('pv-1'))?.status?.phase).toBe('Bound');
  });

  it('does not take the end of an earlier recycler for its own', async () => {
    await released();
    await bench.halt();
    await bench.client.patch(
      pods,
      { key: POD, patch: { type: 'merge', body: { status: { phase: 'Succeeded' } } } },
      { subresource: 'status' },
    );
    const body = { spec: { claimRef: { uid: 'another-claim' } } };
    await bench.client.patch(persistentVolumes, { key: { namespace: '', name: 'pv-1' }, patch: { type: 'merge', body } });
    const before = await recycler();
    await bench.restart();
    await bench.step(60_000);
    const fresh = await recycler();
    expect(fresh?.metadata.uid).not.toBe(before?.metadata.uid);
    expect(fresh?.status?.phase).toBe('Pending');
    expect((await bench.volume('pv-1'))?.status?.phase).toBe('Released');
  });

  it('gives nothing free that somebody has changed since it was looked at', async () => {
    const seen = await released();
    const pod = await recycler();
    await bench.halt();
    const body = { spec: { persistentVolumeReclaimPolicy: 'Retain' } };
    await bench.client.patch(persistentVolumes, { key: { namespace: '', name: 'pv-1' }, patch: { type: 'merge', body } });
    if (seen === undefined || pod === undefined) throw new Error('there is nothing to recycle');
    const done = trusted<Informer<Pod>>({ get: () => ({ ...pod, status: { phase: 'Succeeded' } }) });
    const step = { volume: seen, source: {}, fail: async () => {} };
    await expect(recycle(ctx(), done, step)).rejects.toMatchObject({ code: 'Aborted' });
    expect((await bench.volume('pv-1'))?.spec.claimRef).toEqual(seen.spec.claimRef);
  });

  it('ends when the policy changes meanwhile', async () => {
    await released();
    const body = { spec: { persistentVolumeReclaimPolicy: 'Retain' } };
    await bench.client.patch(persistentVolumes, { key: { namespace: '', name: 'pv-1' }, patch: { type: 'merge', body } });
    await bench.idle();
    expect(await recycler()).toBeUndefined();
    expect((await bench.volume('pv-1'))?.status?.phase).toBe('Released');
  });

  it('refuses a system directory at once, and says which', async () => {
    const volume = await released({ spec: { hostPath: { path: '/usr/share' } } });
    expect(volume?.status).toMatchObject({ phase: 'Failed', message: expect.stringContaining('/usr belongs to the system') });
    expect(await recycler()).toBeUndefined();
  });
});

function ended(message: string): NonNullable<PodStatus['containerStatuses']>[number] {
  return {
    name: 'pv-recycler',
    image: 'busybox',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { terminated: { exitCode: 1, message } },
  };
}
