import { afterEach, describe, expect, it } from 'vitest';
import { type VolumeRollback, volumeRollbacks, volumeSnapshotClasses, volumeSnapshots } from '#api/generated/definitions.ts';
import { deployments, persistentVolumeClaims, persistentVolumes, pods, replicaSets } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { PlatformError } from '#kit/errors.ts';
import { holdClaim } from '../claim-swap/hold-claim.ts';
import { Metrics } from '#kit/metrics.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aSnapshot, aSnapshotClass } from '#testing/builders/snapshot.ts';
import { aDeployment, aReplicaSet } from '#testing/builders/workloads.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { Weather } from '#testing/fakes/weather.ts';
import { type StorageBench, type StorageBenchOptions, startStorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const key = { namespace: 'default', name: 'back' };
const LABELS = { app: 'shop' };
const VOLUMES = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];

let bench: StorageBench;
let driver: FakeDriver;
afterEach(() => bench.close());

async function start(options: StorageBenchOptions = {}): Promise<void> {
  driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'] });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, snapshots: true, ...options });
  await bench.createClass(aClass());
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
  await bench.createClaim(aClaim({ storageClassName: 'fast', labels: LABELS }));
  await bench.idle();
  await bench.client.create(volumeSnapshots, aSnapshot());
  await bench.idle();
}

async function rollBack(spec: VolumeRollback['spec'] = { claims: [{ claimName: 'data', volumeSnapshotName: 'one' }] }): Promise<void> {
  await bench.client.create(volumeRollbacks, { metadata: { name: 'back', namespace: 'default' }, spec });
  await bench.idle();
}

async function decide(decision: 'Confirm' | 'Undo'): Promise<void> {
  await bench.client.patch(volumeRollbacks, { key, patch: { type: 'merge', body: { spec: { decision } } } });
  await bench.idle();
}

async function status(): Promise<VolumeRollback['status']> {
  return (await bench.client.get(volumeRollbacks, key)).status;
}

async function volumeOfClaim(): Promise<string> {
  const claim = await bench.claim();
  return claim === undefined ? '' : volumeNameOf(claim);
}

async function claimNames(): Promise<readonly string[]> {
  return (await bench.client.list(persistentVolumeClaims)).items.map(({ metadata }) => metadata.name);
}

/** The volumes that there are, with their reclaim policy. */
async function policies(): Promise<Readonly<Record<string, string | undefined>>> {
  const { items } = await bench.client.list(persistentVolumes);
  return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec.persistentVolumeReclaimPolicy]));
}

it('SNAP-9: tells how many rollbacks are in which phase', async () => {
  const metrics = new Metrics();
  const phases = (): readonly string[] =>
    [...metrics.render().matchAll(/^stowage_volume_rollbacks\{phase="(.*)"\} (.*)$/gm)].map(([, phase, count]) => `${phase} ${count}`);
  await start({ metrics });
  await rollBack();
  expect(phases()).toEqual(['Swapped 1']);
  await decide('Confirm');
  expect(phases()).toEqual(['Confirmed 1']);
  await bench.client.delete(volumeRollbacks, key);
  await bench.idle();
  expect(phases()).toEqual([]);
});

describe('a rollback', () => {
  it('SNAP-9: gives the claim a volume made from its snapshot, under its name, and keeps the old one until it is confirmed', async () => {
    await start();
    const old = await volumeOfClaim();
    await rollBack();
    const { phase, claims } = (await status()) ?? {};
    expect(phase).toBe('Swapped');
    const now = await volumeOfClaim();
    expect(claims).toMatchObject([{ oldVolume: { name: old, reclaimPolicy: 'Delete' }, newVolume: { name: now } }]);
    expect(now).not.toBe(old);
    expect(await claimNames()).toEqual(['data']);
    expect(await policies()).toEqual({ [old]: 'Retain', [now]: 'Delete' });
    const claim = await bench.claim();
    expect([claim?.metadata.labels, claim?.status?.phase]).toEqual([LABELS, 'Bound']);
    expect(driver.calls.filter((call) => call.startsWith('delete'))).toEqual([]);
    await decide('Confirm');
    expect((await status())?.phase).toBe('Confirmed');
    expect([await volumeOfClaim(), await policies()]).toEqual([now, { [now]: 'Delete' }]);
    expect(driver.volumes.size).toBe(1);
    expect(bench.toldAbout('back').map((text) => text.split(':', 1).join())).toEqual(['RolledBack', 'RollbackConfirmed']);
  });

  it('SNAP-9: is undone: the claim has its old volume, and the new one goes', async () => {
    await start();
    const old = await volumeOfClaim();
    await rollBack();
    await decide('Undo');
    expect((await status())?.phase).toBe('Undone');
    expect([await volumeOfClaim(), await policies(), await claimNames()]).toEqual([old, { [old]: 'Delete' }, ['data']]);
    expect(driver.volumes.size).toBe(1);
  });

  it.each(
    (['odd', 'even'] as const).flatMap((every) => [
      { decision: 'Confirm', when: 'afterwards', died: 'before', every } as const,
      { decision: 'Confirm', when: 'afterwards', died: 'after', every } as const,
      { decision: 'Undo', when: 'afterwards', died: 'before', every } as const,
      { decision: 'Undo', when: 'afterwards', died: 'after', every } as const,
      { decision: 'Undo', when: 'while it is dead', died: 'after', every } as const,
    ]),
  )('SNAP-9: goes on where it stopped, died $died every $every write, and $decision $when', async ({ decision, when, died, every }) => {
    for (let write = every === 'odd' ? 1 : 2, isOver = false; !isOver; write += 2) {
      const weather = new Weather(() => (died === 'after' ? 0 : 1));
      await start({ wrapClient: (client) => weather.wrap(client) });
      await bench.createPod(aPod({ name: 'alone', spec: { volumes: VOLUMES } }));
      const old = await volumeOfClaim();
      weather.untilCrash = write;
      await rollBack();
      if (!weather.isDead) await decide(decision);
      await bench.step(60_000);
      isOver = !weather.isDead;
      if (when === 'while it is dead' && (await bench.client.get(volumeRollbacks, key)).spec.decision === undefined) await decide(decision);
      weather.untilCrash = Number.POSITIVE_INFINITY;
      weather.isDead = false;
      await bench.restart();
      await bench.step(60_000);
      if ((await bench.client.get(volumeRollbacks, key)).spec.decision === undefined) await decide(decision);
      await bench.step(60_000);
      const now = await volumeOfClaim();
      expect({ write, phase: (await status())?.phase, isOld: now === old, policies: await policies() }).toEqual({
        write,
        phase: decision === 'Undo' ? 'Undone' : 'Confirmed',
        isOld: decision === 'Undo',
        policies: { [now]: 'Delete' },
      });
      expect([write, await claimNames(), driver.volumes.size, (await bench.pod('alone'))?.metadata.name]).toEqual([
        write,
        ['data'],
        1,
        'alone',
      ]);
      if (!isOver) await bench.close();
    }
  });

  it('SNAP-9: stops who uses the claim and starts it again: a pod of nobody, and a Deployment by its number', async () => {
    await start();
    await bench.client.create(deployments, aDeployment({ name: 'shop', spec: { replicas: 2 } }));
    const deployment = await bench.client.get(deployments, { namespace: 'default', name: 'shop' });
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop', uid: deployment.metadata.uid, controller: true };
    const draft = aReplicaSet({ name: 'shop-1' });
    const set = await bench.client.create(replicaSets, { ...draft, metadata: { ...draft.metadata, ownerReferences: [owner] } });
    const ofSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'shop-1', uid: set.metadata.uid, controller: true };
    await bench.createPod(aPod({ name: 'alone', spec: { volumes: VOLUMES } }));
    await bench.createPod({
      ...aPod({ name: 'shop-1-a', spec: { volumes: VOLUMES } }),
      metadata: { name: 'shop-1-a', namespace: 'default', ownerReferences: [ofSet] },
    });
    const old = await volumeOfClaim();
    await rollBack();
    const replicas = async (): Promise<number | undefined> =>
      (await bench.client.get(deployments, { namespace: 'default', name: 'shop' })).spec.replicas;
    expect([(await status())?.phase, await replicas(), await volumeOfClaim()]).toEqual(['Stopping', 0, old]);
    expect((await status())?.message).toContain('Deployment shop');
    await bench.client.delete(pods, { namespace: 'default', name: 'shop-1-a' });
    await bench.step(10_000);
    expect([(await status())?.phase, await replicas()]).toEqual(['Swapped', 2]);
    expect(await bench.pod('alone')).toBeDefined();
    expect((await bench.client.get(deployments, { namespace: 'default', name: 'shop' })).metadata.annotations ?? {}).toEqual({});
  });

  it('SNAP-9: pods of somebody whom it can not stop are named, and waited for', async () => {
    await start();
    const ownerReferences = [{ apiVersion: 'vendor.example/v1', kind: 'Database', name: 'db', uid: 'u', controller: true }];
    const pod = aPod({ name: 'db-0', spec: { volumes: VOLUMES } });
    await bench.createPod({ ...pod, metadata: { ...pod.metadata, ownerReferences } });
    await rollBack();
    expect(await status()).toMatchObject({
      phase: 'Stopping',
      message: 'stop them yourself, they are not known here: pod db-0 of Database db',
    });
    await decide('Undo');
    expect([(await status())?.phase, Object.values(await policies())]).toEqual(['Undone', ['Delete']]);
  });

  it.each([
    [
      'a claim that is not there',
      { claims: [{ claimName: 'none', volumeSnapshotName: 'one' }] },
      'claim "none": there is none in this namespace',
    ],
    ['a snapshot that is not there', { claims: [{ claimName: 'data', volumeSnapshotName: 'none' }] }, 'snapshot "none": there is none'],
    ['a group that is not there', { volumeGroupSnapshotName: 'none' }, 'there is no VolumeGroupSnapshot "none"'],
  ])('SNAP-9: is refused in words for %s, and nothing is touched', async (_what, spec, words) => {
    await start();
    const before = await bench.claim();
    await rollBack(spec);
    expect((await status())?.phase).toBe('Refused');
    expect((await status())?.message).toContain(words);
    expect(await bench.claim()).toEqual(before);
  });

  it('SNAP-9: a claim that a quota has no room for is told, and made as soon as it has', async () => {
    let isFull = true;
    const full = new PlatformError({ code: 'PermissionDenied', reason: 'Forbidden', message: 'exceeded quota: disks' });
    await start({
      wrapClient: (client) => ({
        ...new Weather(() => 0).wrap(client),
        create: (resource, draft, options) =>
          isFull && (draft.metadata.name ?? '').startsWith('rollback-') ? Promise.reject(full) : client.create(resource, draft, options),
      }),
    });
    await rollBack();
    expect(await status()).toMatchObject({ phase: 'Preparing', message: 'a claim can not be made: exceeded quota: disks' });
    isFull = false;
    await bench.step(5_000);
    expect((await status())?.phase).toBe('Swapped');
  });

  it('SNAP-9: a second one of the same claim is refused until the first is decided', async () => {
    await start();
    await rollBack();
    const second = { namespace: 'default', name: 'again' };
    await bench.client.create(volumeRollbacks, { metadata: second, spec: { claims: [{ claimName: 'data', volumeSnapshotName: 'one' }] } });
    await bench.idle();
    const { status: said } = await bench.client.get(volumeRollbacks, second);
    expect([said?.phase, said?.message]).toEqual(['Refused', expect.stringContaining('VolumeRollback back')]);
  });

  it('SNAP-9: a claim whose class stands in its annotation alone gets its new volume of that class', async () => {
    await start();
    await bench.createClass(aClass({ name: 'older' }));
    await bench.createClaim(aClaim({ name: 'aged', annotations: { 'volume.beta.kubernetes.io/storage-class': 'older' } }));
    await bench.idle();
    await bench.client.create(volumeSnapshots, aSnapshot({ name: 'of-aged', spec: { source: { persistentVolumeClaimName: 'aged' } } }));
    await bench.idle();
    await rollBack({ claims: [{ claimName: 'aged', volumeSnapshotName: 'of-aged' }] });
    const { phase, claims } = (await status()) ?? {};
    expect([phase, (await bench.volume(claims?.[0]?.newVolume?.name ?? ''))?.spec.storageClassName]).toEqual(['Swapped', 'older']);
  });

  it('SNAP-9: a claim that is on its way out when it is undone is made again, and its volume is kept until then', async () => {
    await start();
    const old = await volumeOfClaim();
    const finalizers = ['example.com/reader'];
    const keep = (names: readonly string[] | null) =>
      bench.client.patch(persistentVolumeClaims, {
        key: { namespace: 'default', name: 'data' },
        patch: { type: 'merge', body: { metadata: { finalizers: names } } },
      });
    await keep([...((await bench.claim())?.metadata.finalizers ?? []), ...finalizers]);
    await rollBack();
    expect((await status())?.message).toBe('claim "data" is on its way out');
    await decide('Undo');
    expect([(await status())?.phase, (await policies())[old]]).toEqual(['UndoSwapping', 'Retain']);
    await keep(null);
    await bench.step(10_000);
    expect([(await status())?.phase, await volumeOfClaim(), await policies()]).toEqual(['Undone', old, { [old]: 'Delete' }]);
  });

  it('SNAP-9: of two at the same moment one alone begins', async () => {
    await start();
    const claim = await bench.claim();
    const spec = { claims: [{ claimName: 'data', volumeSnapshotName: 'one' }] };
    await bench.halt();
    const jobs = await Promise.all(
      ['a', 'b'].map((name) => bench.client.create(volumeRollbacks, { metadata: { name, namespace: 'default' }, spec })),
    );
    const [first, second] = jobs;
    if (claim === undefined || first === undefined || second === undefined) throw new TypeError('nothing to hold');
    expect(await holdClaim(bench, claim, first)).toBeUndefined();
    await expect(holdClaim(bench, claim, second)).rejects.toMatchObject({ code: 'Aborted' });
    const now = (await bench.claim()) ?? claim;
    expect(await holdClaim(bench, now, second)).toContain('in the hands of VolumeRollback a');
    await bench.client.delete(volumeRollbacks, { namespace: 'default', name: 'a' });
    expect(await holdClaim(bench, now, second)).toBeUndefined();
  });

  it('SNAP-9: what was decided can not be changed, nor what goes back', async () => {
    await start();
    await rollBack();
    const change = (spec: object) => bench.client.patch(volumeRollbacks, { key, patch: { type: 'merge', body: { spec } } });
    await expect(change({ claims: [{ claimName: 'other', volumeSnapshotName: 'one' }] })).rejects.toThrow('make another VolumeRollback');
    await decide('Undo');
    await expect(change({ decision: 'Confirm' })).rejects.toThrow('a decision is final');
  });

  it('SNAP-9: where it is deleted before it is decided, both volumes are left', async () => {
    await start();
    const old = await volumeOfClaim();
    await rollBack();
    await bench.client.delete(volumeRollbacks, key);
    await bench.idle();
    expect((await bench.client.list(volumeRollbacks)).items).toEqual([]);
    expect((await policies())[old]).toBe('Retain');
    expect(driver.volumes.size).toBe(2);
  });
});
