import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim, aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredVolume, aVolume } from '#testing/builders/volume.ts';
import { bind, boundStatus, claimRefPatch } from './bind.ts';

let api: TestApi;
let ctx: Ctx;

beforeEach(async () => {
  api = await startTestApi();
  const { client, clock } = api;
  ctx = { client, clock, ids: new SystemIds(), log: silentLogger, events: { record: () => {} }, signal: new AbortController().signal };
});
afterEach(async () => api.close());

function createClaim(name: string): Promise<PersistentVolumeClaim> {
  return api.client.create(persistentVolumeClaims, aClaim({ name, storageClassName: '' }));
}

function current(volume: PersistentVolume): Promise<PersistentVolume> {
  return api.client.get(persistentVolumes, keyOf(volume));
}

describe('VOL-3: bind', () => {
  it('of two that saw the same free volume, the second is refused, and its claim left as it was', async () => {
    const seen = await api.client.create(persistentVolumes, aVolume());
    const [first, second] = [await createClaim('first'), await createClaim('second')];
    await bind(ctx, first, seen);
    await expect(bind(ctx, second, seen)).rejects.toMatchObject({ code: 'Aborted' });
    expect(await current(seen)).toMatchObject({ spec: { claimRef: { uid: first.metadata.uid } }, status: { phase: 'Bound' } });
    expect(await api.client.get(persistentVolumeClaims, keyOf(second))).toEqual(second);
  });

  it('is refused where somebody has reserved the volume for another claim meanwhile', async () => {
    const seen = await api.client.create(persistentVolumes, aVolume());
    const body = { spec: { claimRef: { namespace: 'default', name: 'reserved' } } };
    await api.client.patch(persistentVolumes, { key: keyOf(seen), patch: { type: 'merge', body } });
    const claim = await createClaim('late');
    await expect(bind(ctx, claim, seen)).rejects.toMatchObject({ code: 'Aborted' });
    expect((await current(seen)).spec.claimRef).toMatchObject({ name: 'reserved' });
    expect((await api.client.get(persistentVolumeClaims, keyOf(claim))).spec.volumeName).toBeUndefined();
  });

  it('is refused where the claim has got another volume meanwhile', async () => {
    const [one, two] = [
      await api.client.create(persistentVolumes, aVolume({ name: 'one' })),
      await api.client.create(persistentVolumes, aVolume({ name: 'two' })),
    ];
    const claim = await createClaim('data');
    await bind(ctx, claim, one);
    await expect(bind(ctx, claim, two)).rejects.toMatchObject({ code: 'Aborted' });
    expect((await api.client.get(persistentVolumeClaims, keyOf(claim))).spec.volumeName).toBe('one');
  });
});

describe('claimRefPatch', () => {
  const claim = aStoredClaim();
  const reference = { namespace: 'default', name: 'data', uid: claim.metadata.uid };

  it.each([
    {
      name: 'VOL-4: marks a volume that it chose, so that it may be given free again',
      volume: aStoredVolume(),
      annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' },
    },
    {
      name: 'VOL-3: leaves the reservation that a user made the user’s',
      volume: aStoredVolume({ spec: { claimRef: { namespace: 'default', name: 'data' } } }),
      annotations: undefined,
    },
  ])('$name', ({ volume, annotations }) => {
    const { resourceVersion } = volume.metadata;
    expect(claimRefPatch(claim, volume)).toMatchObject({ metadata: { resourceVersion }, spec: { claimRef: reference } });
    expect(Object(claimRefPatch(claim, volume)).metadata.annotations).toEqual(annotations);
  });

  it('has nothing to do for a volume of the claim', () => {
    expect(claimRefPatch(claim, aStoredVolume({ claim }))).toBeUndefined();
  });
});

describe('boundStatus', () => {
  const volume = aStoredVolume({ size: '20Mi' });

  it('VOL-9: a claim that becomes bound has the size that its filesystem has, where that is still the one before', () => {
    const noted = aStoredVolume({ size: '20Mi', annotations: { 'volume.alpha.kubernetes.io/pre-resize-capacity': '10Mi' } });
    expect(boundStatus(aStoredClaim(), volume)).toMatchObject({ phase: 'Bound', capacity: { storage: '20Mi' } });
    expect(boundStatus(aStoredClaim(), noted)).toMatchObject({ phase: 'Bound', capacity: { storage: '10Mi' } });
  });

  it('VOL-9: a claim that is bound keeps its size until its growth is over', () => {
    const status = { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '10Mi' } };
    expect(boundStatus(aStoredClaim({ status }), volume)).toBeUndefined();
    expect(boundStatus(aStoredClaim({ status: { ...status, accessModes: [] } }), volume)).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
    });
  });
});
