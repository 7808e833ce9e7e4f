import { afterEach, describe, expect, it } from 'vitest';
import {
  referenceGrants,
  type VolumeMove,
  volumeMoves,
  volumeRollbacks,
  volumeSnapshotClasses,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import type { Pod } from '#api/generated/kubernetes.ts';
import { deployments, namespaces, persistentVolumeClaims, persistentVolumes, pods, replicaSets } from '#api/resources.ts';
import { FILL_REFUSED_EXIT_CODE } from '#api/populators/fill-order.ts';
import { tell, type ToldExplanation } from '#api/explanation.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { PlatformError } from '#kit/errors.ts';
import { Metrics } from '#kit/metrics.ts';
import { moveExplainer } from './explain-move.ts';
import { aClaim, type ClaimOverrides } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aGrant } from '#testing/builders/reference-grant.ts';
import { aSnapshot, aSnapshotClass } from '#testing/builders/snapshot.ts';
import { aDeployment, aReplicaSet } from '#testing/builders/workloads.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { Weather } from '#testing/fakes/weather.ts';
import { type StorageBench, type StorageBenchOptions, startStorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const key = { namespace: 'default', name: 'away' };
const LABELS = { app: 'shop' };
const VOLUMES = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
const THERE = { namespace: 'team-a', name: 'data' };

let bench: StorageBench;
let driver: FakeDriver;
afterEach(() => bench.close());

async function start(options: StorageBenchOptions = {}, claim: ClaimOverrides = {}): Promise<void> {
  driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'] });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, snapshots: true, grants: true, ...options });
  await bench.createClass(aClass());
  await bench.createClass(aClass({ name: 'other' }));
  await bench.createClaim(aClaim({ storageClassName: 'fast', labels: LABELS, ...claim }));
  await bench.idle();
}

async function move(spec: Partial<VolumeMove['spec']> = { storageClassName: 'other' }): Promise<void> {
  await bench.client.create(volumeMoves, { metadata: { name: 'away', namespace: 'default' }, spec: { claimName: 'data', ...spec } });
  await bench.idle();
}

async function decide(decision: 'Confirm' | 'Undo'): Promise<void> {
  await bench.client.patch(volumeMoves, { key, patch: { type: 'merge', body: { spec: { decision } } } });
  await bench.idle();
}

const status = async (): Promise<NonNullable<VolumeMove['status']>> => (await bench.client.get(volumeMoves, key)).status ?? {};

async function volumeOfClaim(): Promise<string> {
  const claim = await bench.claim();
  return claim === undefined ? '' : volumeNameOf(claim);
}

async function claimNames(): Promise<readonly string[]> {
  return (await bench.client.list(persistentVolumeClaims)).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

async function policies(): Promise<Readonly<Record<string, string | undefined>>> {
  const { items } = await bench.client.list(persistentVolumes);
  return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec.persistentVolumeReclaimPolicy]));
}

async function copyPods(): Promise<readonly Pod[]> {
  return (await bench.client.list(pods)).items.filter(({ metadata }) => metadata.name.startsWith('move-'));
}

/** What the pod that copies is told to do. */
async function order(): Promise<unknown> {
  const [pod] = await copyPods();
  return JSON.parse(pod?.spec.containers[0]?.args?.[0] ?? 'null');
}

/** As the node leaves the pods that copy. */
async function copied({ exitCode = 0, message = '' } = {}): Promise<void> {
  const now = new Date(bench.api.clock.nowMs()).toISOString().replace('.000', '');
  const state = { terminated: { exitCode, message, startedAt: now, finishedAt: now } };
  const containerStatuses = [{ name: 'copy', image: '', imageID: '', ready: false, restartCount: 0, state }];
  for (const { metadata, status: is } of await copyPods()) {
    if (is?.phase === 'Succeeded' || is?.phase === 'Failed') continue;
    const body = { status: { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses } };
    const podKey = { namespace: 'default', name: metadata.name };
    await bench.client.patch(pods, { key: podKey, patch: { type: 'merge', body } }, { subresource: 'status' });
  }
  await bench.idle();
}

/** Both copies, and all that needs time. */
async function allCopied(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await bench.step(10_000);
    await copied();
  }
}

async function explained(): Promise<ToldExplanation> {
  const see = () => Promise.reject(new TypeError('of the cluster nothing is asked'));
  return tell(await moveExplainer.explain(key, { client: bench.client, see }), 'en');
}

describe('a move', () => {
  it('VOL-20: is explained: what it waits for, what is kept, and how it ended', async () => {
    await start();
    expect((await explained()).summary).toBe('volumemove default/away does not exist');
    await move();
    expect(await explained()).toMatchObject({
      state: 'busy',
      summary: expect.stringMatching(/^volumemove default\/away waits \(Copying\): pod move-\S+ starts, to copy/),
      remedies: [expect.stringContaining('kubectl patch vmv away -n default --type=merge')],
    });
    await allCopied();
    const { oldVolume, newVolume } = await status();
    expect(await explained()).toMatchObject({
      state: 'fine',
      summary: expect.stringContaining('the one of before is kept until it is decided'),
      remedies: [expect.stringContaining('"decision":"Confirm"')],
      findings: [
        expect.objectContaining({ text: `volume ${oldVolume?.name} before, ${newVolume?.name} after` }),
        expect.objectContaining({ text: '100 % copied' }),
      ],
    });
    await decide('Undo');
    expect(await explained()).toMatchObject({ state: 'fine', summary: expect.stringContaining('is undone'), remedies: [] });
  });

  it('VOL-20: one that was refused is explained with what to do', async () => {
    await start();
    await move({ storageClassName: 'none' });
    expect(await explained()).toMatchObject({
      state: 'blocked',
      summary: expect.stringContaining('was refused, nothing was begun: storageClassName "none"'),
      remedies: ['do what it says, then make another VolumeMove'],
    });
  });

  it('VOL-20: is counted by its phase', async () => {
    const metrics = new Metrics();
    await start({ metrics });
    await move();
    expect(metrics.render()).toContain('stowage_volume_moves{phase="Copying"} 1');
  });

  it('VOL-20: gives the claim a volume of another class and size under its name, copied in use and once more at rest; the old one is kept until it is confirmed', async () => {
    await start();
    const old = await volumeOfClaim();
    await move({ storageClassName: 'other', size: '20Mi' });
    expect([(await status()).phase, (await copyPods()).map(({ metadata }) => metadata.name.slice(-5))]).toEqual(['Copying', ['first']]);
    expect(await order()).toMatchObject({ kind: 'volume', isLast: false });
    await copied();
    expect(await order()).toMatchObject({ isLast: true, sinceSec: Math.floor(bench.api.clock.nowMs() / 1_000) });
    expect([(await status()).phase, await volumeOfClaim()]).toEqual(['Finishing', old]);
    await copied();
    const now = await volumeOfClaim();
    expect((await status()).phase).toBe('Swapped');
    expect(now).not.toBe(old);
    expect([await claimNames(), await copyPods()]).toEqual([['default/data'], []]);
    expect(await policies()).toEqual({ [old]: 'Retain', [now]: 'Delete' });
    const claim = await bench.claim();
    expect(claim).toMatchObject({
      metadata: { labels: LABELS },
      spec: { storageClassName: 'other', resources: { requests: { storage: '20Mi' } } },
      status: { phase: 'Bound' },
    });
    await decide('Confirm');
    expect([(await status()).phase, await policies(), driver.volumes.size]).toEqual(['Confirmed', { [now]: 'Delete' }, 1]);
    expect((await bench.claim())?.metadata.annotations).not.toHaveProperty(['volumes.stowage.dev/held-by']);
    expect(bench.toldAbout('away').map((text) => text.split(':', 1).join())).toEqual(['ClaimMoved', 'MoveConfirmed']);
  });

  it.each([
    { decision: 'Confirm', died: 'before', every: 'odd' },
    { decision: 'Confirm', died: 'after', every: 'odd' },
    { decision: 'Confirm', died: 'before', every: 'even' },
    { decision: 'Confirm', died: 'after', every: 'even' },
    { decision: 'Undo', died: 'before', every: 'odd' },
    { decision: 'Undo', died: 'after', every: 'odd' },
    { decision: 'Undo', died: 'before', every: 'even' },
    { decision: 'Undo', died: 'after', every: 'even' },
  ] as const)('VOL-20: goes on where it stopped, died $died every $every write, and $decision', async ({ decision, died, every }) => {
    for (let write = every === 'odd' ? 1 : 2, isOver = false; !isOver; write += 2) {
      const weather = new Weather(() => (died === 'after' ? 0 : 1));
      await start({ wrapClient: (client) => weather.wrap(client) });
      await bench.createPod(aPod({ name: 'alone', spec: { volumes: VOLUMES } }));
      const old = await volumeOfClaim();
      weather.untilCrash = write;
      await move();
      await allCopied();
      if (!weather.isDead) await decide(decision);
      await bench.step(60_000);
      isOver = !weather.isDead;
      weather.untilCrash = Number.POSITIVE_INFINITY;
      weather.isDead = false;
      await bench.restart();
      await allCopied();
      if ((await bench.client.get(volumeMoves, key)).spec.decision === undefined) await decide(decision);
      await bench.step(60_000);
      const now = await volumeOfClaim();
      expect({ write, phase: (await status()).phase, isOld: now === old, policies: await policies() }).toEqual({
        write,
        phase: decision === 'Undo' ? 'Undone' : 'Confirmed',
        isOld: decision === 'Undo',
        policies: { [now]: 'Delete' },
      });
      expect([write, await claimNames(), driver.volumes.size, (await bench.pod('alone'))?.metadata.name, await copyPods()]).toEqual([
        write,
        ['default/data'],
        1,
        'alone',
        [],
      ]);
      if (!isOver) await bench.close();
    }
  });

  it('VOL-20: nobody is stopped before the first copy is there, and the last one begins when all are', async () => {
    await start();
    await bench.client.create(deployments, aDeployment({ name: 'shop', spec: { replicas: 2 } }));
    const deployment = await bench.client.get(deployments, { namespace: 'default', name: 'shop' });
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop', uid: deployment.metadata.uid, controller: true };
    const draft = aReplicaSet({ name: 'shop-1' });
    const set = await bench.client.create(replicaSets, { ...draft, metadata: { ...draft.metadata, ownerReferences: [owner] } });
    const ofSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'shop-1', uid: set.metadata.uid, controller: true };
    const user = aPod({ name: 'shop-1-a', spec: { volumes: VOLUMES } });
    await bench.createPod({ ...user, metadata: { ...user.metadata, ownerReferences: [ofSet] } });
    const replicas = async (): Promise<number | undefined> =>
      (await bench.client.get(deployments, { namespace: 'default', name: 'shop' })).spec.replicas;
    await move();
    expect([(await status()).phase, await replicas()]).toEqual(['Copying', 2]);
    await copied();
    expect([(await status()).phase, await replicas(), await copyPods()]).toEqual(['Stopping', 0, []]);
    expect((await status()).message).toContain('Deployment shop');
    await bench.client.delete(pods, { namespace: 'default', name: 'shop-1-a' });
    await bench.step(10_000);
    expect([(await status()).phase, (await copyPods()).length]).toEqual(['Finishing', 1]);
    await copied();
    expect([(await status()).phase, await replicas()]).toEqual(['Swapped', 2]);
  });

  it('VOL-20: who begins to use the claim after the last copy is stopped, and it is copied once more', async () => {
    await start();
    await move();
    await copied();
    await bench.createPod(aPod({ name: 'late', spec: { volumes: VOLUMES } }));
    await bench.step(10_000);
    expect((await status()).consumers).toMatchObject([{ kind: 'Pod', name: 'late' }]);
    await allCopied();
    expect((await status()).phase).toBe('Swapped');
    expect(await bench.pod('late')).toBeDefined();
  });

  it.each(['first', 'last'])('VOL-20: data that does not fit brings all back as it was: at the %s copy', async (round) => {
    await start();
    await bench.createPod(aPod({ name: 'alone', spec: { volumes: VOLUMES } }));
    const old = await volumeOfClaim();
    await move({ size: '5Mi' });
    if (round === 'last') await copied();
    await copied({ exitCode: FILL_REFUSED_EXIT_CODE, message: 'the data takes 8Mi' });
    await bench.step(10_000);
    expect(await status()).toMatchObject({ phase: 'Refused', message: 'the data takes 8Mi' });
    expect([await volumeOfClaim(), await policies(), await claimNames(), driver.volumes.size]).toEqual([
      old,
      { [old]: 'Delete' },
      ['default/data'],
      1,
    ]);
    expect(await bench.pod('alone')).toBeDefined();
    expect((await bench.claim())?.spec.resources?.requests).toEqual({ storage: '10Mi' });
  });

  it('VOL-20: a copy that fails is told, and goes on after a while from where it was', async () => {
    await start();
    await move();
    const began = Math.floor(bench.api.clock.nowMs() / 1_000);
    await copied({ exitCode: 1, message: 'not all could be written: No space left on device' });
    expect(await status()).toMatchObject({ phase: 'Copying', message: expect.stringContaining('No space left on device') });
    await bench.step(15_000);
    expect(await order()).toMatchObject({ isLast: false, sinceSec: began });
    await allCopied();
    expect((await status()).phase).toBe('Swapped');
  });

  it.each([
    ['a claim that is not there', { claimName: 'none', storageClassName: 'other' }, 'claim "none": there is none in this namespace'],
    ['a class that is not there', { storageClassName: 'none' }, 'storageClassName "none": there is no such class'],
    ['the place where it is', { storageClassName: 'fast', size: '10Mi' }, 'is there already (storageClassName fast, size 10Mi)'],
    ['a node that is not there', { nodeName: 'none' }, 'nodeName "none": there is no such node'],
    [
      'a namespace that has granted nothing',
      { targetNamespace: 'team-a' },
      'no ReferenceGrant there lets VolumeMoves of default bring claim data',
    ],
  ])('VOL-20: is refused in words for %s, and nothing is touched', async (_what, spec, words) => {
    await start();
    const before = await bench.claim();
    await move(spec);
    expect((await status()).phase).toBe('Refused');
    expect((await status()).message).toContain(words);
    expect(await bench.claim()).toEqual(before);
  });

  it('VOL-20: a block device gets no smaller', async () => {
    await start({}, { spec: { volumeMode: 'Block' } });
    await move({ size: '5Mi' });
    expect(await status()).toMatchObject({
      phase: 'Refused',
      message: expect.stringContaining('size 5Mi: the claim is a block device of 10Mi'),
    });
  });

  it.each(['Confirm', 'Undo'] as const)(
    'VOL-20: to another namespace with its grant nothing is copied: the volume is the same; %s',
    async (decision) => {
      await start();
      await bench.client.create(namespaces, { metadata: { name: 'team-a' }, spec: {} });
      await grant();
      await bench.createPod(aPod({ name: 'alone', spec: { volumes: VOLUMES } }));
      const old = await volumeOfClaim();
      await move({ targetNamespace: 'team-a' });
      await bench.step(10_000);
      expect(await status()).toMatchObject({
        phase: 'Swapped',
        message: expect.stringContaining('stays so, and its snapshots stay there'),
      });
      expect([await claimNames(), await copyPods(), await bench.pod('alone')]).toEqual([['team-a/data'], [], undefined]);
      const there = await bench.client.get(persistentVolumeClaims, THERE);
      expect([there.status?.phase, volumeNameOf(there), await policies(), there.metadata.labels]).toEqual([
        'Bound',
        old,
        { [old]: 'Delete' },
        LABELS,
      ]);
      await decide(decision);
      await bench.step(10_000);
      expect(await claimNames()).toEqual([decision === 'Undo' ? 'default/data' : 'team-a/data']);
      expect([await policies(), driver.volumes.size]).toEqual([{ [old]: 'Delete' }, 1]);
      expect(await bench.pod('alone')).toEqual(decision === 'Undo' ? expect.anything() : undefined);
    },
  );

  it('VOL-20: a claim that went to another namespace does not come back under those who use it there, nor without a grant', async () => {
    await start();
    await bench.client.create(namespaces, { metadata: { name: 'team-a' }, spec: {} });
    await grant();
    await move({ targetNamespace: 'team-a' });
    await bench.step(10_000);
    await bench.createPod({ ...aPod({ spec: { volumes: VOLUMES } }), metadata: { name: 'there', namespace: 'team-a' } });
    await decide('Undo');
    expect((await status()).message).toBe('1 pod of namespace team-a still uses the claim: stop them there');
    await bench.client.delete(referenceGrants, { namespace: 'team-a', name: 'given' });
    await bench.client.delete(pods, { namespace: 'team-a', name: 'there' });
    await bench.step(10_000);
    expect((await status()).message).toContain('no ReferenceGrant there');
    await grant();
    await bench.step(10_000);
    expect([(await status()).phase, await claimNames()]).toEqual(['Undone', ['default/data']]);
  });

  it('VOL-20: of a move and a rollback of one claim the second is refused, until the first is decided', async () => {
    await start();
    await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
    await bench.client.create(volumeSnapshots, aSnapshot());
    await bench.idle();
    await move();
    const back = async (name: string): Promise<string | undefined> => {
      const spec = { claims: [{ claimName: 'data', volumeSnapshotName: 'one' }] };
      await bench.client.create(volumeRollbacks, { metadata: { namespace: 'default', name }, spec });
      await bench.step(10_000);
      const { status: said } = await bench.client.get(volumeRollbacks, { namespace: 'default', name });
      return said?.phase === 'Refused' ? said.message : said?.phase;
    };
    expect(await back('early')).toContain('in the hands of VolumeMove away');
    await allCopied();
    expect(await back('later')).toContain('stowage move pvc/data --confirm (or --undo) first');
    await decide('Confirm');
    expect(await back('then')).toBe('Swapped');
  });

  it('VOL-20: a claim that is deleted on the way is told, and comes back with its volume when that is undone', async () => {
    await start();
    const old = await volumeOfClaim();
    await move();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await allCopied();
    expect(await status()).toMatchObject({ message: 'claim "data" went meanwhile: decide Undo to give this up' });
    expect((await policies())[old]).toBe('Retain');
    await decide('Undo');
    await bench.step(10_000);
    expect([(await status()).phase, await volumeOfClaim(), await policies()]).toEqual(['Undone', old, { [old]: 'Delete' }]);
  });

  it('VOL-20: a claim that one pod alone may use is copied whole while nobody uses it', async () => {
    await start({}, { accessModes: ['ReadWriteOncePod'] });
    await bench.createPod(aPod({ name: 'alone', spec: { volumes: VOLUMES } }));
    await move();
    expect([(await status()).phase, (await copyPods()).map(({ metadata }) => metadata.name.slice(-4))]).toEqual(['Finishing', ['last']]);
    await allCopied();
    expect([(await status()).phase, (await bench.pod('alone'))?.metadata.name]).toEqual(['Swapped', 'alone']);
  });

  it('VOL-20: a volume that can not be made, and a pod that a quota has no room for, are told, and made as soon as it has', async () => {
    let isFull = true;
    const full = new PlatformError({ code: 'PermissionDenied', reason: 'Forbidden', message: 'exceeded quota: pods' });
    await start({
      wrapClient: (client) => ({
        ...new Weather(() => 0).wrap(client),
        create: (resource, draft, options) =>
          isFull && (draft.metadata.name ?? '').startsWith('move-') ? Promise.reject(full) : client.create(resource, draft, options),
      }),
    });
    await move();
    expect(await status()).toMatchObject({ phase: 'Preparing', message: 'a claim can not be made: exceeded quota: pods' });
    isFull = false;
    await bench.step(5_000);
    expect((await status()).phase).toBe('Copying');
  });

  it('VOL-20: what was deleted before it was decided leaves both volumes, and the claim is free', async () => {
    await start();
    const old = await volumeOfClaim();
    await move();
    await allCopied();
    await bench.client.delete(volumeMoves, key);
    await bench.idle();
    expect((await bench.client.list(volumeMoves)).items).toEqual([]);
    expect([(await policies())[old], driver.volumes.size]).toEqual(['Retain', 2]);
    expect((await bench.claim())?.metadata.annotations).not.toHaveProperty(['volumes.stowage.dev/held-by']);
  });
});

async function grant(): Promise<void> {
  const from = [{ group: 'volumes.stowage.dev', kind: 'VolumeMove', namespace: 'default' }];
  const to = [{ group: '', kind: 'PersistentVolumeClaim', name: 'data' }];
  await bench.client.create(referenceGrants, aGrant({ from, to }));
  await bench.idle();
}
