import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type VolumeSnapshot,
  volumeSnapshotClasses,
  type VolumeSnapshotContent,
  volumeSnapshotContents,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { SNAPSHOT_CLAIM_FINALIZER } from '#api/storage/snapshot.ts';
import { ERROR_CODES, type ErrorCode, isErrorCode } from '#kit/error-codes.ts';
import { hasCode } from '#kit/errors.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aSnapshot, aSnapshotClass } from '#testing/builders/snapshot.ts';
import { driverError, FakeDriver, type FakeDriverOptions } from '#testing/fakes/fake-driver.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import { type StorageBench, type StorageBenchOptions, startStorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const CODES: readonly ErrorCode[] = Object.keys(ERROR_CODES).filter(isErrorCode);
const LONGEST_MS = 300_000;
const key = { namespace: 'default', name: 'one' };
const works = async (): Promise<void> => {};

let bench: StorageBench;
let driver: FakeDriver;
afterEach(() => bench.close());

async function start(options: FakeDriverOptions = {}, more: StorageBenchOptions = {}): Promise<void> {
  driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'], ...options });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, snapshots: true, ...more });
  await bench.createClass(aClass());
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
}

async function take(...drafts: readonly Parameters<typeof aSnapshot>[0][]): Promise<void> {
  for (const draft of drafts.length === 0 ? [{}] : drafts) await bench.client.create(volumeSnapshots, aSnapshot(draft));
  await bench.idle();
}

async function snapshot(name = 'one'): Promise<VolumeSnapshot | undefined> {
  return (await bench.client.list(volumeSnapshots)).items.find(({ metadata }) => metadata.name === name);
}

async function contents(): Promise<readonly VolumeSnapshotContent[]> {
  return (await bench.client.list(volumeSnapshotContents)).items;
}

async function remove(): Promise<void> {
  await bench.client.delete(volumeSnapshots, key);
  await bench.idle();
}

const restoreOf = (name: string, size = '10Mi') =>
  aClaim({
    name,
    storageClassName: 'fast',
    size,
    spec: { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'one' } },
  });

describe('a snapshot', () => {
  it('SNAP-1: is taken, tells its time to the nanosecond and its size, and goes from its driver with its object', async () => {
    await start();
    await take();
    const [content] = await contents();
    expect(content?.metadata.name).toBe(`snapcontent-${(await snapshot())?.metadata.uid}`);
    expect(content?.metadata.annotations ?? {}).toEqual({});
    expect(content?.status).toMatchObject({ readyToUse: true, restoreSize: 10 * 1024 * 1024, creationTime: 1_700_000_000_000_000_005n });
    expect((await snapshot())?.status).toEqual({
      boundVolumeSnapshotContentName: content?.metadata.name,
      creationTime: '2023-11-14T22:13:20Z',
      readyToUse: true,
      restoreSize: '10Mi',
    });
    expect(bench.toldAbout('one').map((text) => text.split(':', 1).join())).toEqual([
      'CreatingSnapshot',
      'SnapshotCreated',
      'SnapshotReady',
    ]);
    expect((await bench.claim())?.metadata.finalizers).not.toContain(SNAPSHOT_CLAIM_FINALIZER);
    expect(driver.calls.filter((call) => call.startsWith('snapshot'))).toHaveLength(1);
    await remove();
    expect([await snapshot(), await contents(), driver.snapshots.size]).toEqual([undefined, [], 0]);
  });

  it('SNAP-1: keeps its claim until it is taken, and waits for one that is not ready', async () => {
    await start();
    driver.areSnapshotsReady = false;
    await take();
    expect((await snapshot())?.status).toMatchObject({ readyToUse: false });
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    expect((await bench.claim())?.metadata.finalizers).toContain(SNAPSHOT_CLAIM_FINALIZER);
    driver.areSnapshotsReady = true;
    await bench.step(10_000);
    expect((await snapshot())?.status?.readyToUse).toBe(true);
    expect(await bench.claim()).toBeUndefined();
    expect(driver.snapshots.size).toBe(1);
  });

  it('SNAP-1: holds no claim that it can not be taken of any more', async () => {
    await start();
    driver.areSnapshotsReady = false;
    await take();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await take({ name: 'two' });
    expect((await snapshot('two'))?.status?.error?.message).toContain('"data" is being deleted');
    expect(await bench.claim()).toBeDefined();
    driver.areSnapshotsReady = true;
    await bench.step(10_000);
    expect((await snapshot())?.status?.readyToUse).toBe(true);
    expect(await bench.claim()).toBeUndefined();
  });

  it('SNAP-1: lets its claim go when it is taken, also where it is to go itself and waits for another', async () => {
    await start();
    driver.areSnapshotsReady = false;
    await take();
    await bench.createClaim(restoreOf('back'));
    await remove();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    expect(await bench.claim()).toBeDefined();
    driver.areSnapshotsReady = true;
    await bench.step(10_000);
    expect([await bench.claim(), (await snapshot())?.metadata.name]).toEqual([undefined, 'one']);
  });

  it('SNAP-1: leaves nothing at its driver though its class goes while nobody knows whether it was taken', async () => {
    await start();
    driver.afterSnapshot = () => Promise.reject(driverError('Unavailable', 'lost'));
    await take();
    driver.afterSnapshot = works;
    await bench.client.delete(volumeSnapshotClasses, { namespace: '', name: 'snaps' });
    await bench.step(LONGEST_MS);
    expect((await snapshot())?.status?.error?.message).toContain('"snaps" does not exist: create it again as it was');
    await remove();
    expect([(await contents()).length, driver.snapshots.size]).toEqual([1, 1]);
    await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
    await bench.step(2 * LONGEST_MS);
    expect([await snapshot(), await contents(), driver.snapshots.size]).toEqual([undefined, [], 0]);
  });

  it('SNAP-2: of a class that retains leaves its content, from which it is had again', async () => {
    await start();
    await bench.client.create(volumeSnapshotClasses, aSnapshotClass({ metadata: { name: 'keeping' }, deletionPolicy: 'Retain' }));
    await take({ spec: { volumeSnapshotClassName: 'keeping' } });
    await remove();
    expect([await snapshot(), driver.snapshots.size]).toEqual([undefined, 1]);
    const [kept] = await contents();
    const snapshotHandle = kept?.status?.snapshotHandle ?? '';
    await bench.client.create(volumeSnapshotContents, {
      metadata: { name: 'imported' },
      spec: {
        driver: DRIVER,
        deletionPolicy: 'Delete',
        source: { snapshotHandle },
        volumeSnapshotRef: { name: 'two', namespace: 'default' },
      },
    });
    await take({ name: 'two', spec: { source: { volumeSnapshotContentName: 'imported' }, volumeSnapshotClassName: undefined } });
    expect((await snapshot('two'))?.status).toMatchObject({
      boundVolumeSnapshotContentName: 'imported',
      readyToUse: true,
      restoreSize: '10Mi',
    });
  });

  it('SNAP-2: that is imported under a name that its driver does not know says so', async () => {
    await start();
    await bench.client.create(volumeSnapshotContents, {
      metadata: { name: 'imported' },
      spec: {
        driver: DRIVER,
        deletionPolicy: 'Delete',
        source: { snapshotHandle: 'none' },
        volumeSnapshotRef: { name: 'one', namespace: 'default' },
      },
    });
    await take({ spec: { source: { volumeSnapshotContentName: 'imported' }, volumeSnapshotClassName: undefined } });
    expect((await snapshot())?.status?.error?.message).toContain('can not find snapshot for snapshotID none');
  });

  it('SNAP-1: goes although the secret for its deletion is gone', async () => {
    await start();
    await bench.client.create(
      volumeSnapshotClasses,
      aSnapshotClass({
        metadata: { name: 'secret' },
        parameters: { 'csi.storage.k8s.io/snapshotter-secret-name': 's', 'csi.storage.k8s.io/snapshotter-secret-namespace': 'default' },
      }),
    );
    await take({ spec: { volumeSnapshotClassName: 'secret' } });
    expect((await snapshot())?.status?.error?.message).toContain("the secret default/s that the class names can't be read");
    await remove();
    expect([await snapshot(), await contents()]).toEqual([undefined, []]);
  });

  it('SNAP-2: of a volume, made by hand for no snapshot, is refused in words, so that no two share one', async () => {
    await start();
    const volumeHandle = [...driver.volumes.keys()][0] ?? '';
    for (const name of ['by-hand', 'by-hand-too'])
      await bench.client.create(volumeSnapshotContents, {
        metadata: { name },
        spec: { driver: DRIVER, deletionPolicy: 'Delete', source: { volumeHandle }, volumeSnapshotRef: { name, namespace: 'default' } },
      });
    await bench.idle();
    expect(driver.snapshots.size).toBe(0);
    const [content] = await contents();
    expect(content?.status).toMatchObject({
      readyToUse: false,
      error: { message: expect.stringContaining('Failed to create snapshot: spec.volumeSnapshotRef has no uid') },
    });
    expect(bench.toldAbout('by-hand').join()).toContain('SnapshotCreationFailed: Failed to create snapshot: spec.volumeSnapshotRef');
    for (const name of ['by-hand', 'by-hand-too']) await bench.client.delete(volumeSnapshotContents, { namespace: '', name });
    await bench.idle();
    expect(await contents()).toEqual([]);
  });

  it('SNAP-1: whose driver is away says so in its status, until the driver is back', async () => {
    await start();
    bench.drivers.delete(DRIVER);
    await take();
    expect((await snapshot())?.status).toMatchObject({
      readyToUse: false,
      error: { message: 'Failed to create snapshot: the CSI driver "local.stowage.dev" is not connected: start it (connected: none)' },
    });
    let whileAsked: VolumeSnapshotContent['status'];
    driver.beforeSnapshot = async () => {
      whileAsked = (await contents())[0]?.status;
    };
    bench.drivers.set(DRIVER, driver);
    await bench.announce(DRIVER);
    expect(whileAsked).toEqual({ readyToUse: false });
    expect((await snapshot())?.status).toMatchObject({ readyToUse: true });
  });

  it('SNAP-1: of a driver that takes none, or is not there, says so', async () => {
    await start({ capabilities: [] });
    await take();
    expect((await snapshot())?.status?.error?.message).toContain('takes no snapshots (no CREATE_DELETE_SNAPSHOT)');
    bench.drivers.delete(DRIVER);
    await take({ name: 'two' });
    expect(bench.told.map(({ message }) => message).join()).toContain('the CSI driver "local.stowage.dev" is not connected: start it');
  });
});

describe.each(CODES)('a driver that answers %s', (code) => {
  it('SNAP-1: to CreateSnapshot: the snapshot says so, and heals into one', async () => {
    await start();
    driver.beforeSnapshot = () => Promise.reject(driverError(code, 'out of order'));
    await take();
    expect((await snapshot())?.status).toMatchObject({
      readyToUse: false,
      error: { message: `Failed to create snapshot: rpc error: code = ${code} desc = out of order` },
    });
    driver.beforeSnapshot = works;
    await bench.step(LONGEST_MS);
    expect((await snapshot())?.status).toMatchObject({ readyToUse: true });
    expect((await snapshot())?.status?.error).toBeUndefined();
    expect(driver.snapshots.size).toBe(1);
  });

  it('SNAP-1: to CreateSnapshot, though it took it: nothing is left where the snapshot goes meanwhile', async () => {
    await start();
    driver.afterSnapshot = () => Promise.reject(driverError(code, 'out of order'));
    await take();
    await remove();
    driver.afterSnapshot = works;
    await bench.step(2 * LONGEST_MS);
    expect([await snapshot(), await contents()]).toEqual([undefined, []]);
    // why not then: such a code is the driver's word that it took none (CSI CreateSnapshot Errors)
    const isOpen = ['Canceled', 'DeadlineExceeded', 'Unavailable', 'Aborted', 'ResourceExhausted'].includes(code);
    if (isOpen) expect(driver.snapshots.size).toBe(0);
  });

  it('SNAP-2: to DeleteSnapshot: it says so and goes when the driver answers', async () => {
    await start();
    await take();
    driver.beforeSnapshotDelete = () => Promise.reject(driverError(code, 'out of order'));
    await remove();
    const [content] = await contents();
    expect(bench.toldAbout(content?.metadata.name ?? '')).toContain(
      `SnapshotDeleteError: Failed to delete snapshot: rpc error: code = ${code} desc = out of order`,
    );
    expect(await snapshot()).toBeDefined();
    driver.beforeSnapshotDelete = works;
    await bench.step(LONGEST_MS);
    expect([await snapshot(), await contents(), driver.snapshots.size]).toEqual([undefined, [], 0]);
  });
});

describe('volumes from snapshots', () => {
  it('SNAP-3: wait until the snapshot is ready, are made from it, and hold it until then', async () => {
    await start();
    driver.areSnapshotsReady = false;
    await bench.createClaim(restoreOf('back', '20Mi'));
    await bench.idle();
    expect(bench.toldAbout('back').join()).toContain('it does not exist: create it first');
    await take();
    await bench.step(1_000);
    expect(bench.toldAbout('back').join()).toContain('it is not ready yet: it is waited for');
    await remove();
    expect(bench.toldAbout('one').at(-1)).toContain('SnapshotDeletePending: Snapshot is being used to restore the claims back');
    expect(await snapshot()).toBeDefined();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'back' });
    await bench.step(LONGEST_MS);
    expect([await snapshot(), driver.snapshots.size]).toEqual([undefined, 0]);
  });

  it('SNAP-3: are made from the snapshot, larger where it is asked for', async () => {
    await start();
    await take();
    await bench.createClaim(restoreOf('back', '20Mi'));
    await bench.step(1_000);
    const back = await bench.claim('back');
    expect(back?.status).toMatchObject({ phase: 'Bound', capacity: { storage: '20Mi' } });
    const snapshotId = (await contents())[0]?.status?.snapshotHandle;
    expect(driver.volumes.get(`vol-pvc-${back?.metadata.uid}`)?.request.volumeContentSource).toEqual({ snapshot: { snapshotId } });
    expect((await snapshot())?.metadata.finalizers?.join()).not.toContain('provisioner.storage.kubernetes.io');
    await remove();
    expect(driver.snapshots.size).toBe(0);
  });

  it.each([
    {
      name: 'smaller than the snapshot',
      draft: restoreOf('back', '5Mi'),
      says: 'it needs 10Mi and the claim asks for 5Mi: ask for 10Mi or more',
    },
    {
      name: 'of another volume mode',
      draft: { ...restoreOf('back'), spec: { ...restoreOf('back').spec, volumeMode: 'Block' } },
      says: 'its volumeMode is Filesystem and that of the claim Block',
    },
  ])('SNAP-3: is refused where it is $name', async ({ draft, says }) => {
    await start();
    await take();
    await bench.createClaim(draft);
    await bench.step(1_000);
    expect(bench.toldAbout('back').join()).toContain(says);
    expect(driver.volumes.size).toBe(1);
  });
});

it('SNAP-1: nothing leaks, wherever the process dies while snapshots and volumes made from them come and go', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = seededRoll(seed);
      const weather = new Weather(roll);
      await start({}, { wrapClient: (client) => weather.wrap(client) });
      for (const hook of ['beforeSnapshot', 'afterSnapshot', 'beforeSnapshotDelete', 'beforeCreate', 'afterCreate'] as const)
        driver[hook] = () => weather.step(works);
      weather.untilCrash = 1 + roll(25);
      try {
        for (let index = 0; index < 4; index += 1) await act(roll);
        for (let again = roll(3); again >= 0; again -= 1) {
          weather.untilCrash = 1 + roll(10);
          weather.isDead = false;
          await bench.restart();
          await act(roll);
          await bench.step(roll(2) * 60_000);
        }
        weather.untilCrash = Number.POSITIVE_INFINITY;
        weather.isDead = false;
        await bench.restart();
        await bench.step(2 * LONGEST_MS);
        for (const { metadata } of (await bench.client.list(volumeSnapshots)).items)
          await bench.client.delete(volumeSnapshots, { namespace: 'default', name: metadata.name });
        for (const { metadata } of (await bench.client.list(persistentVolumeClaims)).items)
          await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: metadata.name });
        await bench.step(2 * LONGEST_MS);
        expect((await bench.client.list(volumeSnapshots)).items).toEqual([]);
        expect([await contents(), [...driver.snapshots.keys()], [...driver.volumes.keys()]]).toEqual([[], [], []]);
      } finally {
        await bench.close();
      }
    }),
    { numRuns: 25 },
  );
});

async function act(roll: (bound: number) => number): Promise<void> {
  const name = `s-${roll(3)}`;
  const deeds = [
    () => bench.client.create(volumeSnapshots, aSnapshot({ name })),
    () => bench.client.create(volumeSnapshots, aSnapshot({ name })),
    () => bench.client.delete(volumeSnapshots, { namespace: 'default', name }),
    () =>
      bench.createClaim({
        ...restoreOf(`back-${roll(3)}`),
        spec: { ...restoreOf('').spec, dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name } },
      }),
    () => bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: `back-${roll(3)}` }),
  ];
  try {
    await deeds[roll(deeds.length)]?.();
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound', 'AlreadyExists', 'Aborted')) throw thrown;
  }
  await bench.idle();
}
