import { afterEach, describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims, volumeAttributesClasses } from '#api/resources.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { driverError, FakeDriver, type FakeDriverOptions } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const KEY = { namespace: 'default', name: 'data' };
let bench: StorageBench;

afterEach(async () => bench.close());

async function createAttributesClass(name: string, iops: string, driverName = DRIVER): Promise<void> {
  await bench.client.create(volumeAttributesClasses, { metadata: { name }, driverName, parameters: { iops } });
}

/** A bound claim whose class of attributes is `className`; `''` for none. */
async function boundClaim(className: string, options: FakeDriverOptions = {}): Promise<FakeDriver> {
  const driver = new FakeDriver({ capabilities: ['MODIFY_VOLUME'], ...options });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  await createAttributesClass('silver', '100');
  await createAttributesClass('gold', '900');
  await bench.createClass(aClass());
  const spec = className === '' ? {} : { volumeAttributesClassName: className };
  await bench.createClaim(aClaim({ storageClassName: 'fast', spec }));
  await bench.idle();
  driver.calls.length = 0;
  bench.told.length = 0;
  return driver;
}

async function ask(className: string | null): Promise<PersistentVolumeClaim | undefined> {
  const body = { spec: { volumeAttributesClassName: className } };
  await bench.client.patch(persistentVolumeClaims, { key: KEY, patch: { type: 'merge', body } });
  await bench.idle();
  return bench.claim();
}

describe('VOL-4: the attributes of a new volume', () => {
  it('go to the driver with the request, and the claim and its volume name the class', async () => {
    const driver = await boundClaim('silver');
    expect([...driver.volumes.values()][0]?.request.mutableParameters).toEqual({ iops: '100' });
    const claim = await bench.claim();
    expect(claim?.status).toMatchObject({ phase: 'Bound', currentVolumeAttributesClassName: 'silver' });
    expect((await bench.volume(claim?.spec.volumeName ?? ''))?.spec.volumeAttributesClassName).toBe('silver');
    expect(driver.calls).toEqual([]);
  });

  it.each([
    {
      name: 'a class that is not there',
      className: 'bronze',
      capabilities: ['MODIFY_VOLUME'],
      says: 'VAC "bronze" does not exist: create it',
    },
    {
      name: 'a class of another driver',
      className: 'foreign',
      capabilities: ['MODIFY_VOLUME'],
      says: 'VAC "foreign" is for the driver "x.example"',
    },
    {
      name: 'a driver that has none',
      className: 'silver',
      capabilities: [],
      says: 'has no attributes that can be changed (no MODIFY_VOLUME)',
    },
  ] as const)('are refused with words for $name, and the claim can go', async ({ className, capabilities, says }) => {
    const driver = new FakeDriver({ capabilities });
    bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
    await createAttributesClass('silver', '100');
    await createAttributesClass('foreign', '1', 'x.example');
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast', spec: { volumeAttributesClassName: className } }));
    await bench.idle();
    expect(
      bench
        .toldAbout('data')
        .filter((line) => line.startsWith('ProvisioningFailed'))
        .join(),
    ).toContain(says);
    expect(driver.calls).toEqual([]);
    await bench.client.delete(persistentVolumeClaims, KEY);
    await bench.step(600_000);
    expect(await bench.claim()).toBeUndefined();
  });

  it('are given once the class is there', async () => {
    const driver = new FakeDriver({ capabilities: ['MODIFY_VOLUME'] });
    bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast', spec: { volumeAttributesClassName: 'silver' } }));
    await bench.idle();
    await createAttributesClass('silver', '100');
    await bench.idle();
    expect((await bench.claim())?.status?.phase).toBe('Bound');
  });
});

describe('VOL-4: a change of the attributes', () => {
  it('goes to the driver, then volume and claim say so', async () => {
    const driver = await boundClaim('silver');
    const claim = await ask('gold');
    const volume = await bench.volume(claim?.spec.volumeName ?? '');
    expect(driver.calls).toEqual([`modify ${volume?.spec.csi?.volumeHandle} {"iops":"900"}`]);
    expect(volume?.spec.volumeAttributesClassName).toBe('gold');
    expect(claim?.status?.currentVolumeAttributesClassName).toBe('gold');
    expect(claim?.status?.modifyVolumeStatus).toBeUndefined();
    expect(claim?.status?.conditions).toBeUndefined();
    expect(bench.toldAbout('data').map((line) => line.split(':')[0])).toEqual(['VolumeModify', 'VolumeModifySuccessful']);
    await bench.restart();
    await bench.step(600_000);
    expect(driver.calls).toHaveLength(1);
  });

  it('goes on at once when a driver that was away answers again, however long the next try was off', async () => {
    const driver = await boundClaim('silver');
    driver.beforeModify = () => Promise.reject(driverError('Unavailable', 'nobody listens'));
    await ask('gold');
    for (let passedMs = 0; passedMs < 200_000; passedMs += 10_000) await bench.step(10_000);
    driver.beforeModify = async () => {};
    await bench.announce(DRIVER);
    expect((await bench.claim())?.status?.currentVolumeAttributesClassName).toBe('gold');
  });

  it('is for claims that had none, too', async () => {
    await boundClaim('');
    expect((await ask('gold'))?.status?.currentVolumeAttributesClassName).toBe('gold');
  });

  it('waits for a class that is not there, and goes on when it comes', async () => {
    const driver = await boundClaim('silver');
    const claim = await ask('bronze');
    expect(claim?.status?.modifyVolumeStatus).toEqual({ status: 'Pending', targetVolumeAttributesClassName: 'bronze' });
    expect(bench.toldAbout('data').at(-1)).toContain('VolumeModifyFailed: VAC "bronze" does not exist');
    await createAttributesClass('bronze', '1');
    await bench.idle();
    expect(driver.calls).toHaveLength(1);
    expect((await bench.claim())?.status?.currentVolumeAttributesClassName).toBe('bronze');
  });

  it('that the driver calls impossible is Infeasible, tried again after five minutes, and given up without a call', async () => {
    const driver = await boundClaim('silver');
    driver.beforeModify = async () => Promise.reject(driverError('InvalidArgument', 'no such tier'));
    const claim = await ask('gold');
    expect(claim?.status).toMatchObject({
      currentVolumeAttributesClassName: 'silver',
      modifyVolumeStatus: { status: 'Infeasible', targetVolumeAttributesClassName: 'gold' },
      conditions: [
        { type: 'ModifyVolumeError', status: 'True', reason: 'InvalidArgument', message: expect.stringContaining('no such tier') },
      ],
    });
    await bench.step(299_000);
    expect(driver.calls).toHaveLength(1);
    await bench.step(2_000);
    expect(driver.calls).toHaveLength(2);
    const back = await ask('silver');
    expect(back?.status?.modifyVolumeStatus).toBeUndefined();
    expect(back?.status?.conditions).toBeUndefined();
    expect(driver.calls).toHaveLength(2);
    expect(bench.toldAbout('data').at(-1)).toContain('VolumeModifyCanceled');
  });

  it('that failed half way is taken back by the driver', async () => {
    const driver = await boundClaim('silver');
    driver.beforeModify = async ({ mutableParameters }) => {
      if (mutableParameters?.['iops'] === '900') throw driverError('Internal', 'half way');
    };
    const claim = await ask('gold');
    expect(claim?.status?.conditions).toMatchObject([
      { type: 'ModifyingVolume', message: 'Modifying volume to "gold" failed. Waiting for retry.' },
      { type: 'ModifyVolumeError', reason: 'Internal' },
    ]);
    const back = await ask('silver');
    expect(driver.calls.at(-1)).toContain('{"iops":"100"}');
    expect(back?.status?.modifyVolumeStatus).toBeUndefined();
    expect(back?.status?.currentVolumeAttributesClassName).toBe('silver');
  });

  it('whose end nobody knows is brought to its end before another class is tried', async () => {
    const driver = await boundClaim('silver');
    await createAttributesClass('bronze', '1');
    let isLate = true;
    driver.beforeModify = async () => (isLate ? Promise.reject(driverError('DeadlineExceeded', 'late')) : undefined);
    expect((await ask('gold'))?.status?.conditions).toMatchObject([{ message: 'Modifying volume to "gold" is still in progress.' }]);
    await ask('bronze');
    isLate = false;
    await bench.step(5_000);
    const parameters = driver.calls.map((call) => call.split(' ')[2]);
    expect(new Set(parameters.slice(0, -1))).toEqual(new Set(['{"iops":"900"}']));
    expect(parameters.at(-1)).toBe('{"iops":"1"}');
    expect((await bench.claim())?.status?.currentVolumeAttributesClassName).toBe('bronze');
  });

  it.each([
    {
      name: 'a driver that has none',
      options: { capabilities: [] },
      className: 'gold',
      says: /can't change the attributes.*set spec.volumeAttributesClassName back/,
    },
    {
      name: "another driver's class",
      options: {},
      className: 'foreign',
      says: /VolumeAttributesClass "foreign" is for the driver "x.example", the volume .* choose a class/,
    },
  ])('is Infeasible for $name', async ({ options, className, says }) => {
    const driver = await boundClaim('', options);
    await createAttributesClass('foreign', '1', 'x.example');
    const claim = await ask(className);
    expect(claim?.status?.modifyVolumeStatus?.status).toBe('Infeasible');
    expect(claim?.status?.conditions?.[0]?.message).toMatch(says);
    expect(driver.calls).toEqual([]);
    expect((await ask(null))?.status?.modifyVolumeStatus).toBeUndefined();
  });

  it('is told seldom while it is Infeasible, and written once', async () => {
    await boundClaim('');
    await createAttributesClass('foreign', '1', 'x.example');
    const written = (await ask('foreign'))?.metadata.resourceVersion;
    const told = (): number => bench.toldAbout('data').filter((text) => text.startsWith('VolumeModifyFailed')).length;
    const atFirst = told();
    expect(atFirst).toBeGreaterThan(0);
    await bench.step(299_000);
    expect(told()).toBe(atFirst);
    await bench.step(1_000);
    expect(told()).toBe(atFirst + 1);
    expect((await bench.claim())?.metadata.resourceVersion).toBe(written);
    expect((await ask('gold'))?.status?.currentVolumeAttributesClassName).toBe('gold');
  });

  it('to nothing at all is refused once the volume has some', async () => {
    await boundClaim('silver');
    await expect(ask(null)).rejects.toThrow('spec.volumeAttributesClassName: Forbidden: update to empty is forbidden');
  });
});

it('VOL-7: a class of attributes in use stays until nobody names it', async () => {
  await boundClaim('silver');
  await bench.client.delete(volumeAttributesClasses, { namespace: '', name: 'silver' });
  await bench.client.delete(volumeAttributesClasses, { namespace: '', name: 'gold' });
  await bench.idle();
  const names = async (): Promise<readonly string[]> =>
    (await bench.client.list(volumeAttributesClasses)).items.map(({ metadata }) => metadata.name);
  expect(await names()).toEqual(['silver']);
  await bench.client.delete(persistentVolumeClaims, KEY);
  await bench.step(60_000);
  expect(await names()).toEqual([]);
});
