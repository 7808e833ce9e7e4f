import { afterEach, describe, expect, it } from 'vitest';
import { type DeletedClaim, deletedClaims, volumeRollbacks, volumeSnapshotClasses, volumeSnapshots } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { customResourceDefinitions, namespaces, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { DELETED_CLAIM, DELETED_IN } from '#api/undelete/claim-record.ts';
import { trusted } from '#kit/json.ts';
import { Metrics } from '#kit/metrics.ts';
import { aClaim, type ClaimOverrides } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aSnapshot, aSnapshotClass } from '#testing/builders/snapshot.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { Weather } from '#testing/fakes/weather.ts';
import { type StorageBench, type StorageBenchOptions, startStorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const HOUR_MS = 3_600_000;
const GRACE_MS = 2 * HOUR_MS;
const GRACE = { 'stowage.dev/deletion-grace': '2h' };
const KEY = { namespace: 'default', name: 'data' };
const LABELS = { app: 'shop' };
const NOTES = { 'example.com/owner': 'eva' };

let bench: StorageBench;
let driver: FakeDriver;
let volume: string;
afterEach(() => bench.close());

async function start(options: StorageBenchOptions = {}, claim: ClaimOverrides = {}): Promise<void> {
  driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'] });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, undelete: true, ...options });
  await bench.createClass(aClass({ annotations: GRACE }));
  await bench.createClaim(aClaim({ storageClassName: 'fast', labels: LABELS, annotations: NOTES, ...claim }));
  await bench.idle();
  volume = volumeNameOf((await bench.claim()) ?? trusted<PersistentVolumeClaim>({ spec: {} }));
}

async function remove(): Promise<void> {
  await bench.client.delete(persistentVolumeClaims, KEY);
  await bench.idle();
}

async function told(namespace = 'default'): Promise<readonly DeletedClaim[]> {
  return (await bench.client.list(deletedClaims, { namespace })).items;
}

/** Creates the claim that its DeletedClaim has, as `kubectl create` would. */
async function bringBack(change: (draft: Draft<PersistentVolumeClaim>) => Draft<PersistentVolumeClaim> = (draft) => draft): Promise<void> {
  const [first] = await told();
  await bench.client.create(persistentVolumeClaims, change(trusted<Draft<PersistentVolumeClaim>>(first?.spec.claim)));
  await bench.idle();
}

const annotate = (annotations: Readonly<Record<string, string | null>>): Promise<unknown> =>
  bench.client.patch(persistentVolumes, {
    key: { namespace: '', name: volume },
    patch: { type: 'merge', body: { metadata: { annotations } } },
  });

/** What there is of it all. */
async function state(): Promise<object> {
  const claim = await bench.claim();
  return {
    claim: claim?.status?.phase,
    isSame: claim === undefined ? undefined : volumeNameOf(claim) === volume,
    told: (await told()).length,
    isKept: (await bench.volume(volume))?.metadata.annotations?.[DELETED_CLAIM] !== undefined,
    volumes: driver.volumes.size,
  };
}

const WAITING = { claim: undefined, isSame: undefined, told: 1, isKept: true, volumes: 1 };
const BACK = { claim: 'Bound', isSame: true, told: 0, isKept: false, volumes: 1 };
const GONE = { claim: undefined, isSame: undefined, told: 0, isKept: false, volumes: 0 };

describe('VOL-20: a deleted claim', () => {
  it('leaves its volume for the grace of its class, and what tells of it in its namespace', async () => {
    await start();
    await remove();
    expect(await state()).toEqual(WAITING);
    const [{ metadata, spec } = {}] = await told();
    expect(metadata?.name).toBe(volume);
    const untilMs = Date.parse(spec?.keptUntil ?? '');
    expect(untilMs - bench.api.clock.nowMs()).toBe(GRACE_MS);
    expect(spec).toMatchObject({ claimName: 'data', storage: '10Mi', storageClassName: 'fast' });
    expect(bench.toldAbout('data').filter((text) => text.startsWith('DeletedClaimKept'))).toEqual([
      `DeletedClaimKept: claim default/data was deleted; its volume ${volume} is kept until ${spec?.keptUntil}: stowage undelete pvc/data -n default brings both back`,
    ]);
    await bench.step(GRACE_MS - 1_000);
    expect(await state()).toEqual(WAITING);
    expect(driver.calls.filter((call) => call.startsWith('delete'))).toEqual([]);
  });

  it('is gone with its data when the grace is over', async () => {
    await start();
    await remove();
    await bench.step(GRACE_MS);
    expect(await state()).toEqual(GONE);
    expect(await bench.volume(volume)).toBeUndefined();
    expect(bench.toldAbout(volume).join()).toContain('DeletionGraceEnded: it was kept until');
  });

  it('comes back by being created again: same name, volume, spec, labels and annotations', async () => {
    await start();
    const before = await bench.claim();
    await remove();
    await bench.step(HOUR_MS);
    await bringBack();
    expect(await state()).toEqual(BACK);
    const after = await bench.claim();
    expect([after?.spec, after?.metadata.labels, after?.metadata.annotations?.['example.com/owner']]).toEqual([
      before?.spec,
      LABELS,
      'eva',
    ]);
    expect(bench.toldAbout('data').join()).toContain('Undeleted: ');
    await bench.step(2 * GRACE_MS);
    expect(await state()).toEqual(BACK);
    await remove();
    expect(await state()).toEqual(WAITING);
  });

  it('comes back under another name', async () => {
    await start();
    await remove();
    await bringBack((draft) => ({ ...draft, metadata: { ...draft.metadata, name: 'other' } }));
    expect(volumeNameOf((await bench.claim('other')) ?? trusted<PersistentVolumeClaim>({ spec: {} }))).toBe(volume);
    expect((await bench.claim('other'))?.status?.phase).toBe('Bound');
  });

  it('that asks for what the volume is not is refused in words, and stays kept', async () => {
    await start();
    await remove();
    await bringBack((draft) => ({ ...draft, spec: { ...draft.spec, resources: { requests: { storage: '1Gi' } } } }));
    expect(bench.toldAbout('data').join()).toContain(
      `UndeleteRefused: the volume ${volume} of the deleted claim can't be given to it: requested PV is too small`,
    );
    expect(await state()).toMatchObject({ claim: 'Pending', told: 1, isKept: true });
  });

  it.each([
    { name: 'its DeletedClaim is deleted', act: async () => bench.client.delete(deletedClaims, { namespace: 'default', name: volume }) },
    { name: 'its volume is deleted', act: async () => bench.client.delete(persistentVolumes, { namespace: '', name: volume }) },
    { name: 'an administrator takes the record off', act: async () => annotate({ [DELETED_CLAIM]: null }) },
  ])('goes at once where $name', async ({ act }) => {
    await start();
    await remove();
    await act();
    await bench.idle();
    await bench.step(60_000);
    expect(await state()).toEqual(GONE);
  });

  it('is kept as was promised at its deletion, whatever becomes of the class', async () => {
    await start();
    await remove();
    await bench.client.delete(storageClasses, { namespace: '', name: 'fast' });
    await bench.step(GRACE_MS - 1_000);
    expect(await state()).toEqual(WAITING);
    await bringBack();
    expect(await state()).toEqual(BACK);
  });

  it('that a pod uses is kept from the moment at which nothing holds it', async () => {
    await start();
    await bench.createPod(aPod({ name: 'web', claims: ['data'], nodeName: 'node-1' }));
    await remove();
    await bench.step(2 * GRACE_MS);
    expect(await state()).toMatchObject({ told: 0, isKept: false, volumes: 1 });
    await bench.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSec: 0 });
    await bench.idle();
    expect(await state()).toEqual(WAITING);
  });

  it('of a class that got its grace later is kept, and no longer where it lost it before', async () => {
    await start();
    const setGrace = (text: string | null): Promise<unknown> =>
      bench.client.patch(storageClasses, {
        key: { namespace: '', name: 'fast' },
        patch: { type: 'merge', body: { metadata: { annotations: { 'stowage.dev/deletion-grace': text } } } },
      });
    await setGrace(null);
    await bench.idle();
    expect((await bench.claim())?.metadata.finalizers).not.toContain('volumes.stowage.dev/deletion-grace');
    await setGrace('1h');
    await bench.idle();
    await remove();
    expect(await state()).toEqual(WAITING);
    await bench.step(HOUR_MS);
    expect(await state()).toEqual(GONE);
  });

  it.each([
    { name: 'a generic ephemeral volume of a pod', owner: { apiVersion: 'v1', kind: 'Pod', name: 'da' }, claim: 'da-ta', isKept: false },
    {
      name: 'one that a StatefulSet gave to the pod that goes',
      owner: { apiVersion: 'v1', kind: 'Pod', name: 'web-0' },
      claim: 'data-web-0',
      isKept: true,
    },
    {
      name: 'one that goes with its StatefulSet',
      owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' },
      claim: 'data-web-0',
      isKept: true,
    },
    {
      name: 'what a rollback makes its volume with',
      owner: { apiVersion: 'volumes.stowage.dev/v1alpha1', kind: 'VolumeRollback', name: 'r' },
      claim: 'rollback-u-0',
      isKept: false,
    },
    {
      name: 'what a move makes its volume with',
      owner: { apiVersion: 'volumes.stowage.dev/v1alpha1', kind: 'VolumeMove', name: 'm' },
      claim: 'move-u',
      isKept: false,
    },
  ])('$name is kept: $isKept', async ({ owner, claim, isKept }) => {
    await start();
    const draft = aClaim({ name: claim, storageClassName: 'fast' });
    const ownerReferences = [{ ...owner, uid: 'u', controller: true }];
    await bench.createClaim({ ...draft, metadata: { ...draft.metadata, ownerReferences } });
    await bench.idle();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: claim });
    await bench.idle();
    expect([(await told()).map(({ spec }) => spec.claimName), driver.volumes.size]).toEqual(isKept ? [[claim], 2] : [[], 1]);
    expect(JSON.stringify(await told())).not.toContain('ownerReferences');
  });

  it('of a volume that is retained anyway is let go at once, and the volume stays', async () => {
    await start();
    const key = { namespace: '', name: volume };
    await bench.client.patch(persistentVolumes, {
      key,
      patch: { type: 'merge', body: { spec: { persistentVolumeReclaimPolicy: 'Retain' } } },
    });
    await remove();
    expect(await state()).toEqual({ claim: undefined, isSame: undefined, told: 0, isKept: false, volumes: 1 });
  });

  it('is no part of a rollback: nothing of what that deletes is kept, but by itself until it is decided', async () => {
    await start({ snapshots: true });
    await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
    await bench.client.create(volumeSnapshots, aSnapshot());
    await bench.idle();
    const spec = { claims: [{ claimName: 'data', volumeSnapshotName: 'one' }] };
    await bench.client.create(volumeRollbacks, { metadata: { name: 'back', namespace: 'default' }, spec });
    await bench.step(10_000);
    expect([(await bench.client.get(volumeRollbacks, { namespace: 'default', name: 'back' })).status?.phase, await told()]).toEqual([
      'Swapped',
      [],
    ]);
    const body = { spec: { decision: 'Confirm' } };
    await bench.client.patch(volumeRollbacks, { key: { namespace: 'default', name: 'back' }, patch: { type: 'merge', body } });
    await bench.step(10_000);
    expect([await told(), driver.volumes.size]).toEqual([[], 1]);
    const now = volumeNameOf(await bench.client.get(persistentVolumeClaims, KEY));
    await remove();
    expect((await told()).map(({ metadata }) => metadata.name)).toEqual([now]);
  });

  it('of a class without a grace goes at once', async () => {
    await start();
    await bench.createClass(aClass({ name: 'plain' }));
    await bench.createClaim(aClaim({ name: 'other', storageClassName: 'plain' }));
    await bench.idle();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'other' });
    await bench.idle();
    expect(driver.volumes.size).toBe(1);
  });

  it('is counted', async () => {
    const metrics = new Metrics();
    await start({ metrics });
    await remove();
    expect(metrics.render()).toContain('stowage_deleted_claims 1');
    expect(metrics.render()).toContain('stowage_deleted_claims_bytes 10485760');
    await bringBack();
    expect(metrics.render()).toContain('stowage_deleted_claims_ended_total{outcome="restored"} 1');
    expect(metrics.render()).toContain('stowage_deleted_claims 0');
  });
});

describe('VOL-20: a deleted claim of a namespace that is gone', () => {
  const SHOP = { namespace: '', name: 'shop' };
  const inShop = { namespace: 'shop', name: 'data' };

  async function startInShop(): Promise<void> {
    driver = new FakeDriver();
    bench = await startStorageBench({ drivers: { [DRIVER]: driver }, undelete: true });
    await bench.createClass(aClass({ annotations: GRACE }));
    await bench.client.create(namespaces, { metadata: { name: 'shop' }, spec: {} });
    await bench.createClaim(aClaim({ namespace: 'shop', storageClassName: 'fast' }));
    await bench.idle();
    volume = volumeNameOf(await bench.client.get(persistentVolumeClaims, inShop));
  }

  /** As the controller of namespaces goes about it: everything in it is deleted, then it. */
  async function removeNamespace(): Promise<void> {
    await bench.client.delete(namespaces, SHOP);
    for (const { metadata } of (await bench.client.list(persistentVolumeClaims, { namespace: 'shop' })).items)
      await bench.client.delete(persistentVolumeClaims, { namespace: 'shop', name: metadata.name });
    await bench.idle();
    for (const { metadata } of await told('shop')) await bench.client.delete(deletedClaims, { namespace: 'shop', name: metadata.name });
    await bench.idle();
    expect(await told('shop')).toEqual([]);
    const namespace = await bench.client.get(namespaces, SHOP);
    await bench.client.update(namespaces, { ...namespace, spec: { finalizers: [] } }, { subresource: 'finalize' });
  }

  const isBack = async (): Promise<boolean> => (await bench.client.get(persistentVolumeClaims, inShop)).status?.phase === 'Bound';

  it.each([
    { name: 'with it', isBefore: false },
    { name: 'before it', isBefore: true },
  ])(
    'that was deleted $name is kept, and not for another namespace of that name, until an administrator gives it over',
    async ({ isBefore }) => {
      await startInShop();
      if (isBefore) await bench.client.delete(persistentVolumeClaims, inShop);
      await bench.idle();
      await removeNamespace();
      await bench.step(60_000);
      expect(driver.volumes.size).toBe(1);
      const anew = await bench.client.create(namespaces, { metadata: { name: 'shop' }, spec: {} });
      await bench.createClaim(aClaim({ namespace: 'shop', storageClassName: 'fast', volumeName: volume }));
      await bench.step(60_000);
      expect([await isBack(), await told('shop'), driver.volumes.size]).toEqual([false, [], 1]);
      expect(bench.toldAbout('data').join()).toContain(
        `UndeleteRefused: the volume ${volume} was kept for a namespace shop that is gone, and this one is another`,
      );
      await annotate({ [DELETED_IN]: anew.metadata.uid });
      await bench.step(10_000);
      expect([await isBack(), await told('shop'), driver.volumes.size]).toEqual([true, [], 1]);
    },
  );

  it('is told of in the namespace that an administrator gives it to, and goes when its time is over', async () => {
    await startInShop();
    await removeNamespace();
    const anew = await bench.client.create(namespaces, { metadata: { name: 'shop' }, spec: {} });
    await annotate({ [DELETED_IN]: anew.metadata.uid });
    await bench.idle();
    expect((await told('shop')).map(({ metadata }) => metadata.name)).toEqual([volume]);
    await bench.step(GRACE_MS);
    expect([await told('shop'), driver.volumes.size]).toEqual([[], 0]);
  });

  it('is not let go by a DeletedClaim that goes with the kind itself', async () => {
    await start();
    await remove();
    const key = { namespace: '', name: 'deletedclaims.volumes.stowage.dev' };
    const finalizers = ['customresourcecleanup.apiextensions.k8s.io'];
    await bench.client.patch(customResourceDefinitions, { key, patch: { type: 'merge', body: { metadata: { finalizers } } } });
    await bench.client.delete(customResourceDefinitions, key);
    await bench.client.delete(deletedClaims, { namespace: 'default', name: volume });
    await bench.idle();
    expect(await state()).toMatchObject({ told: 0, isKept: true, volumes: 1 });
  });
});

describe('VOL-20: right after a crash at each write', () => {
  const ways = [
    { way: 'kept', end: WAITING },
    { way: 'brought back', end: BACK },
    { way: 'let go', end: GONE },
    { way: 'over', end: GONE },
  ] as const;
  const cases = ways.flatMap((each) => (['before', 'after'] as const).map((died) => ({ ...each, died })));

  it.each(cases)('it is $way, died $died whatever write', async ({ way, end, died }) => {
    let writes = 0;
    for (let hasDied = true; hasDied; writes += 1) {
      hasDied = false;
      const weather = new Weather(() => (died === 'after' ? 0 : 1));
      await start({ wrapClient: (client) => weather.wrap(client) });
      const revive = async (): Promise<void> => {
        if (!weather.isDead) return;
        hasDied = true;
        weather.untilCrash = Number.POSITIVE_INFINITY;
        weather.isDead = false;
        await bench.restart();
        await bench.step(10_000);
      };
      weather.untilCrash = writes + 1;
      await remove();
      await revive();
      expect([writes, await state()]).toEqual([writes, WAITING]);
      if (way === 'brought back') await bringBack();
      if (way === 'let go') await bench.client.delete(deletedClaims, { namespace: 'default', name: volume });
      if (way === 'over') await bench.step(GRACE_MS);
      await bench.idle();
      await revive();
      await bench.step(60_000);
      expect([writes, await state()]).toEqual([writes, end]);
      if (hasDied) await bench.close();
    }
    expect(writes).toBeGreaterThan(way === 'kept' ? 4 : 7);
  });
});
