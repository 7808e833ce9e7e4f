import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type VolumeGroupSnapshot,
  volumeGroupSnapshotClasses,
  type VolumeGroupSnapshotContent,
  volumeGroupSnapshotContents,
  volumeGroupSnapshots,
  type VolumeSnapshot,
  volumeSnapshotClasses,
  volumeSnapshotContents,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { SNAPSHOT_CLAIM_FINALIZER, SNAPSHOT_IN_GROUP_FINALIZER } from '#api/storage/snapshot.ts';
import { ERROR_CODES, type ErrorCode, isErrorCode } from '#kit/error-codes.ts';
import { hasCode } from '#kit/errors.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aGroup, aGroupClass, aSnapshotClass } from '#testing/builders/snapshot.ts';
import { driverError, FakeDriver, type FakeDriverOptions } from '#testing/fakes/fake-driver.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import { type StorageBench, type StorageBenchOptions, startStorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const CODES: readonly ErrorCode[] = Object.keys(ERROR_CODES).filter(isErrorCode);
const LONGEST_MS = 300_000;
const key = { namespace: 'default', name: 'all' };
const works = async (): Promise<void> => {};

let bench: StorageBench;
let driver: FakeDriver;
afterEach(() => bench.close());

async function start(options: FakeDriverOptions = {}, more: StorageBenchOptions = {}): Promise<void> {
  driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'], groups: 'taken', ...options });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, snapshots: true, ...more });
  await bench.createClass(aClass());
  await bench.client.create(volumeGroupSnapshotClasses, aGroupClass());
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
  for (const name of ['a', 'b']) await bench.createClaim(labelled(name, { app: 'db', tier: name }));
  await bench.createClaim(labelled('c', { app: 'web' }));
  await bench.idle();
}

const labelled = (name: string, labels: Readonly<Record<string, string>>) => aClaim({ name, storageClassName: 'fast', labels });

async function take(draft: Parameters<typeof aGroup>[0] = {}): Promise<void> {
  await bench.client.create(volumeGroupSnapshots, aGroup(draft));
  await bench.idle();
}

async function group(name = 'all'): Promise<VolumeGroupSnapshot | undefined> {
  return (await bench.client.list(volumeGroupSnapshots)).items.find(({ metadata }) => metadata.name === name);
}

async function contents(): Promise<readonly VolumeGroupSnapshotContent[]> {
  return (await bench.client.list(volumeGroupSnapshotContents)).items;
}

async function members(): Promise<readonly VolumeSnapshot[]> {
  const { items } = await bench.client.list(volumeSnapshots);
  const claimOf = ({ spec }: VolumeSnapshot): string => spec.source.persistentVolumeClaimName ?? '';
  return items.toSorted((one, other) => claimOf(one).localeCompare(claimOf(other)));
}

function handlesOf(content: VolumeGroupSnapshotContent | undefined): { readonly group: string; readonly members: readonly string[] } {
  const members = (content?.status?.volumeSnapshotInfoList ?? []).map(({ snapshotHandle = '' }) => snapshotHandle);
  return { group: content?.status?.volumeGroupSnapshotHandle ?? '', members };
}

async function isHeld(name: string): Promise<boolean> {
  return (await bench.claim(name))?.metadata.finalizers?.includes(SNAPSHOT_CLAIM_FINALIZER) === true;
}

async function nothingIsLeft(): Promise<void> {
  const kinds: readonly Resource[] = [volumeGroupSnapshots, volumeGroupSnapshotContents, volumeSnapshots, volumeSnapshotContents];
  for (const kind of kinds) expect((await bench.client.list(kind)).items, kind.plural).toEqual([]);
  expect(driver.groupSnapshots.groups.size).toBe(0);
}

async function remove(): Promise<void> {
  await bench.client.delete(volumeGroupSnapshots, key);
  await bench.idle();
}

const restoreOf = (member: string) =>
  aClaim({
    name: 'back',
    storageClassName: 'fast',
    spec: { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: member } },
  });

describe('a group', () => {
  it('SNAP-8: is taken of the selected claims in one call, has a snapshot of each, and goes from its driver with its object', async () => {
    await start();
    await take();
    const taken = await group();
    const [content] = await contents();
    expect(content?.metadata.name).toBe(`groupsnapcontent-${taken?.metadata.uid}`);
    expect(content?.metadata.annotations ?? {}).toEqual({});
    expect(taken?.status).toEqual({
      boundVolumeGroupSnapshotContentName: content?.metadata.name,
      creationTime: '2023-11-14T22:13:20Z',
      readyToUse: true,
    });
    expect([...driver.groupSnapshots.groups.values()]).toEqual([
      { name: `groupsnapshot-${taken?.metadata.uid}`, volumeIds: content?.spec.source.volumeHandles },
    ]);
    const found = await members();
    expect(found.map(({ spec }) => spec.source.persistentVolumeClaimName)).toEqual(['a', 'b']);
    for (const member of found) {
      expect(member.metadata.finalizers).toContain(SNAPSHOT_IN_GROUP_FINALIZER);
      expect(member.status).toMatchObject({ readyToUse: true, restoreSize: '10Mi', volumeGroupSnapshotName: 'all' });
    }
    expect(bench.toldAbout('all').map((text) => text.split(':', 1).join())).toEqual([
      'CreatingGroupSnapshot',
      'GroupSnapshotCreated',
      'GroupSnapshotReady',
    ]);
    for (const name of ['a', 'b']) expect(await isHeld(name)).toBe(false);
    const handles = handlesOf(content);
    await remove();
    await nothingIsLeft();
    expect(driver.calls.filter((call) => call.startsWith('delete'))).toEqual([`delete ${handles.group} ${handles.members.join()}`]);
  });

  it('SNAP-8: obeys matchExpressions', async () => {
    await start();
    const selector = {
      matchExpressions: [
        { key: 'tier', operator: 'NotIn', values: ['a'] },
        { key: 'app', operator: 'Exists' },
      ],
    };
    await take({ spec: { source: { selector } } });
    expect((await members()).map(({ spec }) => spec.source.persistentVolumeClaimName)).toEqual(['b', 'c']);
  });

  it('SNAP-8: of no class gets the default one of the driver of its claims', async () => {
    await start();
    const annotations = { 'groupsnapshot.storage.kubernetes.io/is-default-class': 'true' };
    await bench.client.create(volumeGroupSnapshotClasses, aGroupClass({ metadata: { name: 'usual', annotations } }));
    await take({ spec: { volumeGroupSnapshotClassName: undefined } });
    expect((await group())?.spec.volumeGroupSnapshotClassName).toBe('usual');
    expect((await group())?.status?.readyToUse).toBe(true);
  });

  it('SNAP-8: says what it waits for, and follows by itself', async () => {
    await start();
    await take({ spec: { source: { selector: { matchLabels: { app: 'none' } } } } });
    expect((await group())?.status?.error?.message).toContain('matches no claim of this namespace');
    await bench.createClaim(labelled('d', { app: 'none' }));
    await bench.idle();
    expect((await group())?.status).toMatchObject({ readyToUse: true });
    expect((await group())?.status?.error).toBeUndefined();
  });

  it('SNAP-8: keeps its claims until it is taken, and is asked for again until it is ready', async () => {
    await start();
    driver.groupSnapshots.areReady = false;
    await take();
    expect((await group())?.status).toMatchObject({ readyToUse: false, creationTime: '2023-11-14T22:13:20Z' });
    for (const name of ['a', 'b']) await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name });
    await bench.idle();
    for (const name of ['a', 'b']) expect(await isHeld(name)).toBe(true);
    driver.groupSnapshots.areReady = true;
    await bench.step(10_000);
    expect((await group())?.status?.readyToUse).toBe(true);
    expect((await members()).map(({ status }) => status?.readyToUse)).toEqual([true, true]);
    for (const name of ['a', 'b']) expect(await bench.claim(name)).toBeUndefined();
  });

  it('SNAP-8: holds no claim that it can not take', async () => {
    await start();
    const other = { app: 'db' };
    await bench.createClaim(aClaim({ name: 'unbound', storageClassName: 'none', labels: other }));
    await take();
    expect((await group())?.status?.error?.message).toContain('"unbound" is not yet bound');
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'a' });
    await bench.idle();
    expect(await bench.claim('a')).toBeUndefined();
  });

  it('SNAP-8: lets a claim go that goes itself where its driver has refused it for good', async () => {
    await start();
    driver.groupSnapshots.before = async () => Promise.reject(driverError('Unavailable', 'away'));
    await take();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'a' });
    await bench.idle();
    // why: nobody knows whether it was taken
    expect(await isHeld('a')).toBe(true);
    driver.groupSnapshots.before = async () => Promise.reject(driverError('InvalidArgument', 'the volumes lie apart'));
    await bench.step(LONGEST_MS);
    expect(await bench.claim('a')).toBeUndefined();
    expect(await isHeld('b')).toBe(true);
  });

  it('SNAP-8: writes its status once, and is silent when nothing changes', async () => {
    await start();
    await take();
    const before = [await group(), ...(await contents()), ...(await members())].map((object) => object?.metadata.resourceVersion);
    await bench.restart();
    await bench.step(LONGEST_MS);
    const after = [await group(), ...(await contents()), ...(await members())].map((object) => object?.metadata.resourceVersion);
    expect(after).toEqual(before);
  });

  it('SNAP-8: that its driver has taken without one of its volumes is not ready, says so, and goes whole', async () => {
    await start();
    driver.groupSnapshots.forgotten.add([...driver.volumes.keys()][0] ?? '');
    await take();
    expect((await group())?.status).toMatchObject({
      readyToUse: false,
      error: { message: expect.stringContaining('the driver tells of no snapshot of vol-') },
    });
    await remove();
    await bench.step(LONGEST_MS);
    await nothingIsLeft();
  });

  it('SNAP-8: leaves nothing at its driver though its class goes while nobody knows whether it was taken', async () => {
    await start();
    driver.groupSnapshots.after = () => Promise.reject(driverError('Unavailable', 'lost'));
    await take();
    driver.groupSnapshots.after = works;
    await bench.client.delete(volumeGroupSnapshotClasses, { namespace: '', name: 'groups' });
    await bench.step(LONGEST_MS);
    await remove();
    expect(driver.groupSnapshots.groups.size).toBe(1);
    await bench.client.create(volumeGroupSnapshotClasses, aGroupClass());
    await bench.step(2 * LONGEST_MS);
    await nothingIsLeft();
  });

  it('SNAP-8: of a class that retains leaves its contents, from which it is had again', async () => {
    await start();
    await bench.client.create(volumeGroupSnapshotClasses, aGroupClass({ metadata: { name: 'keeping' }, deletionPolicy: 'Retain' }));
    await take({ spec: { volumeGroupSnapshotClassName: 'keeping' } });
    await remove();
    expect([await group(), await members(), driver.groupSnapshots.groups.size]).toEqual([undefined, [], 1]);
    const [kept] = await contents();
    expect(kept?.spec.deletionPolicy).toBe('Retain');
    for (const { metadata } of (await bench.client.list(volumeSnapshotContents)).items)
      await bench.client.delete(volumeSnapshotContents, { namespace: '', name: metadata.name });
    await bench.client.delete(volumeGroupSnapshotContents, { namespace: '', name: kept?.metadata.name ?? '' });
    await bench.idle();
    expect([await contents(), (await bench.client.list(volumeSnapshotContents)).items, driver.groupSnapshots.groups.size]).toEqual([
      [],
      [],
      1,
    ]);
    const handles = handlesOf(kept);
    await bench.client.create(volumeGroupSnapshotContents, {
      metadata: { name: 'imported' },
      spec: {
        driver: DRIVER,
        deletionPolicy: 'Delete',
        source: { groupSnapshotHandles: { volumeGroupSnapshotHandle: handles.group, volumeSnapshotHandles: handles.members } },
        volumeGroupSnapshotRef: { name: 'again', namespace: 'default' },
      },
    });
    await take({
      name: 'again',
      spec: { source: { volumeGroupSnapshotContentName: 'imported' }, volumeGroupSnapshotClassName: undefined },
    });
    expect((await group('again'))?.status).toMatchObject({ boundVolumeGroupSnapshotContentName: 'imported', readyToUse: true });
    expect((await members()).map(({ spec, status }) => [spec.source.persistentVolumeClaimName, status?.readyToUse])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    const [imported] = await contents();
    expect(handlesOf(imported)).toEqual(handles);
    await bench.client.delete(volumeGroupSnapshots, { namespace: 'default', name: 'again' });
    await bench.idle();
    await nothingIsLeft();
  });

  it('SNAP-8: whose member is deleted keeps it until the group goes', async () => {
    await start();
    await take();
    const [member] = await members();
    const { name = '' } = member?.metadata ?? {};
    await bench.client.delete(volumeSnapshots, { namespace: 'default', name });
    await bench.idle();
    expect(bench.toldAbout(name).at(-1)).toContain('SnapshotDeletePending: Snapshot is a member of the VolumeGroupSnapshot "all"');
    expect(await members()).toHaveLength(2);
    await remove();
    await nothingIsLeft();
  });

  it('SNAP-8: whose member a claim is made from stays until that has its volume', async () => {
    await start();
    await take();
    driver.beforeCreate = () => Promise.reject(driverError('Unavailable', 'later'));
    const [member] = await members();
    await bench.createClaim(restoreOf(member?.metadata.name ?? ''));
    await bench.idle();
    await remove();
    expect(bench.toldAbout('all').at(-1)).toContain('are being used to restore the claims back');
    expect((await members()).map(({ metadata }) => metadata.deletionTimestamp)).toEqual([undefined, undefined]);
    driver.beforeCreate = works;
    await bench.step(LONGEST_MS);
    expect((await bench.claim('back'))?.status?.phase).toBe('Bound');
    await nothingIsLeft();
  });

  it('SNAP-8: goes although the secret for its deletion is gone', async () => {
    await start();
    await bench.client.create(
      volumeGroupSnapshotClasses,
      aGroupClass({
        metadata: { name: 'secret' },
        parameters: {
          'csi.storage.k8s.io/group-snapshotter-secret-name': '${volumegroupsnapshot.name}',
          'csi.storage.k8s.io/group-snapshotter-secret-namespace': 'default',
        },
      }),
    );
    await take({ spec: { volumeGroupSnapshotClassName: 'secret' } });
    expect((await group())?.status?.error?.message).toContain("the secret default/all that the class names can't be read");
    await remove();
    await nothingIsLeft();
  });

  it('SNAP-8: of a driver that takes none, or is not there, says so', async () => {
    await start({ groups: 'none' });
    await take();
    expect((await group())?.status?.error?.message).toContain('takes no groups of snapshots');
    bench.drivers.delete(DRIVER);
    await take({ name: 'two' });
    expect((await group('two'))?.status?.error?.message).toContain('the CSI driver "local.stowage.dev" is not connected: start it');
  });
});

describe.each(CODES)('a driver that answers %s', (code) => {
  it('SNAP-8: to CreateVolumeGroupSnapshot: the group says so, and heals into one', async () => {
    await start();
    driver.groupSnapshots.before = () => Promise.reject(driverError(code, 'out of order'));
    await take();
    expect((await group())?.status).toMatchObject({
      readyToUse: false,
      error: { message: `Failed to create group snapshot: rpc error: code = ${code} desc = out of order` },
    });
    driver.groupSnapshots.before = works;
    await bench.step(LONGEST_MS);
    expect((await group())?.status).toMatchObject({ readyToUse: true });
    expect((await group())?.status?.error).toBeUndefined();
    expect(driver.groupSnapshots.groups.size).toBe(1);
  });

  it('SNAP-8: to DeleteVolumeGroupSnapshot: it says so and goes when the driver answers', async () => {
    await start();
    await take();
    driver.groupSnapshots.beforeDelete = () => Promise.reject(driverError(code, 'out of order'));
    await remove();
    const [content] = await contents();
    expect(bench.toldAbout(content?.metadata.name ?? '')).toContain(
      `GroupSnapshotDeleteError: Failed to delete group snapshot: rpc error: code = ${code} desc = out of order`,
    );
    expect([await group(), (await members()).length]).toEqual([expect.anything(), 2]);
    driver.groupSnapshots.beforeDelete = works;
    await bench.step(LONGEST_MS);
    await nothingIsLeft();
  });
});

it('SNAP-8: nothing leaks, wherever the process dies while groups and volumes made from them come and go', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = seededRoll(seed);
      const weather = new Weather(roll);
      await start({}, { wrapClient: (client) => weather.wrap(client) });
      for (const hook of ['before', 'after', 'beforeDelete'] as const) driver.groupSnapshots[hook] = () => weather.step(works);
      for (const hook of ['beforeCreate', 'afterCreate'] as const) driver[hook] = () => weather.step(works);
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
        for (const { metadata } of (await bench.client.list(volumeGroupSnapshots)).items)
          await bench.client.delete(volumeGroupSnapshots, { namespace: 'default', name: metadata.name });
        for (const { metadata } of (await bench.client.list(persistentVolumeClaims)).items)
          await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: metadata.name });
        await bench.step(2 * LONGEST_MS);
        await nothingIsLeft();
        expect((await bench.client.list(persistentVolumeClaims)).items).toEqual([]);
        expect([...driver.volumes.keys()]).toEqual([]);
      } finally {
        await bench.close();
      }
    }),
    { numRuns: 25 },
  );
});

async function act(roll: (bound: number) => number): Promise<void> {
  const name = `g-${roll(2)}`;
  const deeds = [
    () => bench.client.create(volumeGroupSnapshots, aGroup({ name })),
    () => bench.client.create(volumeGroupSnapshots, aGroup({ name })),
    () => bench.client.delete(volumeGroupSnapshots, { namespace: 'default', name }),
    async () => {
      const found = await members();
      await bench.createClaim(restoreOf(found[roll(Math.max(1, found.length))]?.metadata.name ?? 'none'));
    },
    async () => {
      const found = await members();
      await bench.client.delete(volumeSnapshots, { namespace: 'default', name: found[0]?.metadata.name ?? 'none' });
    },
    () => bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: ['back', 'a'][roll(2)] ?? '' }),
  ];
  try {
    await deeds[roll(deeds.length)]?.();
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound', 'AlreadyExists', 'Aborted')) throw thrown;
  }
  await bench.idle();
}
