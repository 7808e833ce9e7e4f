import { afterEach, describe, expect, it } from 'vitest';
import { volumeSnapshotClasses, volumeSnapshotContents, volumeSnapshots } from '#api/generated/definitions.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { IN_FLIGHT_FINALIZER } from '#api/storage/names.ts';
import { ALLOW_MODE_CHANGE } from '#api/storage/snapshot.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aSnapshot, aSnapshotClass } from '#testing/builders/snapshot.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const works = async (): Promise<void> => {};
const isLost = (): Promise<void> => Promise.reject(driverError('DeadlineExceeded', 'no answer'));
const SOURCES = {
  claim: { kind: 'PersistentVolumeClaim', name: 'source' },
  snapshot: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'one' },
} as const;

let bench: StorageBench;
let driver: FakeDriver;
afterEach(() => bench.close());

/** A claim and a snapshot of it, from which volumes can be made. */
async function start(): Promise<void> {
  driver = new FakeDriver({ capabilities: ['CLONE_VOLUME', 'CREATE_DELETE_SNAPSHOT', 'EXPAND_VOLUME'] });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, snapshots: true });
  await bench.createClass(aClass({ rest: { allowVolumeExpansion: true } }));
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
  await bench.createClaim(aClaim({ name: 'source', storageClassName: 'fast' }));
  await bench.idle();
  await bench.client.create(volumeSnapshots, aSnapshot({ spec: { source: { persistentVolumeClaimName: 'source' } } }));
  await bench.idle();
}

async function fill(name: string, from: keyof typeof SOURCES, spec: object = {}): Promise<void> {
  await bench.createClaim(aClaim({ name, storageClassName: 'fast', spec: { dataSource: SOURCES[from], ...spec } }));
  await bench.step(1_000);
}

async function contentName(): Promise<string> {
  const [content] = (await bench.client.list(volumeSnapshotContents)).items;
  return content?.metadata.name ?? '';
}

async function grow(source: keyof typeof SOURCES): Promise<void> {
  if (source === 'claim') {
    const body = { spec: { resources: { requests: { storage: '20Mi' } } } };
    await bench.client.patch(persistentVolumeClaims, { key: { namespace: 'default', name: 'source' }, patch: { type: 'merge', body } });
  } else {
    const patch = { type: 'merge', body: { status: { restoreSize: 20 * 1024 * 1024 } } } as const;
    const key = { namespace: '', name: await contentName() };
    await bench.client.patch(volumeSnapshotContents, { key, patch }, { subresource: 'status' });
  }
}

async function annotate(team: string | null): Promise<void> {
  const body = { metadata: { annotations: { team } } };
  await bench.client.patch(persistentVolumeClaims, { key: { namespace: 'default', name: 'data' }, patch: { type: 'merge', body } });
}

async function startWithSecrets(): Promise<void> {
  driver = new FakeDriver();
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  const parameters = {
    'csi.storage.k8s.io/node-stage-secret-name': "${pvc.annotations['team']}",
    'csi.storage.k8s.io/node-stage-secret-namespace': 'default',
  };
  await bench.createClass(aClass({ parameters }));
}

async function removeData(): Promise<void> {
  await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
  await bench.step(60_000);
}

async function allowModes(isAllowed: boolean): Promise<void> {
  const body = { metadata: { annotations: { [ALLOW_MODE_CHANGE]: isAllowed ? 'true' : null } } };
  await bench.client.patch(volumeSnapshotContents, { key: { namespace: '', name: await contentName() }, patch: { type: 'merge', body } });
}

describe.each(['claim', 'snapshot'] as const)('a volume that is filled from a %s', (from) => {
  it.each([
    { name: 'its answer was lost', isRestarted: false },
    { name: 'nobody knows any more what was asked', isRestarted: true },
  ])("VOL-6: is found and becomes its claim's though its source has grown since, where $name", async ({ isRestarted }) => {
    await start();
    driver.afterCreate = isLost;
    await fill('copy', from);
    expect(driver.volumes.size).toBe(2);
    if (isRestarted) await bench.halt();
    await grow(from);
    driver.afterCreate = works;
    if (isRestarted) await bench.restart();
    await bench.step(60_000);
    expect((await bench.claim('copy'))?.status?.phase).toBe('Bound');
    expect(driver.volumes.size).toBe(2);
  });

  it('VOL-6: is found and deleted where its claim goes after its source has grown', async () => {
    await start();
    driver.afterCreate = isLost;
    await fill('copy', from);
    await grow(from);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'copy' });
    driver.afterCreate = works;
    await bench.step(60_000);
    expect(await bench.claim('copy')).toBeUndefined();
    expect(driver.volumes.size).toBe(1);
  });

  it('is not asked for again where its driver has said that there is none and its source has grown since', async () => {
    await start();
    driver.beforeCreate = () => Promise.reject(driverError('ResourceExhausted', 'the pool is full'));
    await fill('copy', from);
    driver.beforeCreate = works;
    const asked = driver.calls.length;
    await grow(from);
    await bench.step(60_000);
    expect(bench.toldAbout('copy').at(-1)).toContain('ask for 20Mi or more');
    expect(driver.calls.slice(asked).filter((call) => call.startsWith('create '))).toEqual([]);
  });

  it('is not begun smaller than its source while another, begun before the source grew, is under way', async () => {
    await start();
    driver.afterCreate = isLost;
    await fill('copy', from);
    await grow(from);
    await fill('late', from);
    expect(bench.toldAbout('late').at(-1)).toContain('ask for 20Mi or more');
    expect(driver.calls).not.toContain(`create pvc-${(await bench.claim('late'))?.metadata.uid}`);
  });
});

it('VOL-6: a volume of another mode than its snapshot is deleted, not handed out, where that is not allowed any more', async () => {
  await start();
  await allowModes(true);
  driver.afterCreate = isLost;
  await fill('copy', 'snapshot', { volumeMode: 'Block' });
  expect(driver.volumes.size).toBe(2);
  await allowModes(false);
  driver.afterCreate = works;
  await bench.step(60_000);
  expect(driver.volumes.size).toBe(1);
  expect((await bench.claim('copy'))?.metadata.finalizers).not.toContain(IN_FLIGHT_FINALIZER);
  expect(bench.toldAbout('copy').at(-1)).toContain('its volumeMode is Filesystem and that of the claim Block');
});

it('VOL-6: a volume that was begun is looked for though its claim has lost what a template of the class takes from it', async () => {
  await startWithSecrets();
  driver.afterCreate = isLost;
  await bench.createClaim(aClaim({ storageClassName: 'fast', annotations: { team: 'blue' } }));
  await bench.idle();
  expect(driver.volumes.size).toBe(1);
  driver.afterCreate = works;
  await annotate(null);
  await removeData();
  expect(await bench.claim()).toBeDefined();
  expect(bench.toldAbout('data').at(-1)).toMatch(/ProvisioningCleanupFailed: .*an annotation that the claim has/);
  await annotate('blue');
  await bench.idle();
  expect(await bench.claim()).toBeUndefined();
  expect(driver.volumes.size).toBe(0);
});

it('a claim that was refused for its class goes at once, also where nobody knows any more that no driver was asked', async () => {
  await startWithSecrets();
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  expect(bench.toldAbout('data').filter((text) => text.includes('an annotation that the claim has'))).toHaveLength(1);
  await bench.restart();
  await removeData();
  expect(await bench.claim()).toBeUndefined();
  expect(driver.calls).toEqual([]);
});

it('a claim that was refused for its class is made as soon as the class suits it', async () => {
  await startWithSecrets();
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  driver.afterCreate = isLost;
  await annotate('blue');
  await bench.idle();
  expect((await bench.claim())?.metadata.finalizers).toContain(IN_FLIGHT_FINALIZER);
  driver.afterCreate = works;
  await bench.step(10_000);
  expect((await bench.claim())?.status?.phase).toBe('Bound');
});
