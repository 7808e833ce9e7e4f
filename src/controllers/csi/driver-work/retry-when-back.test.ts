import { afterEach, expect, it } from 'vitest';
import { keyOf } from '#api/meta/object.ts';
import { nodes, persistentVolumeClaims, volumeAttributesClasses } from '#api/resources.ts';
import { SELECTED_NODE } from '#api/storage/names.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'disk.example';
/** Long enough for the next try to be minutes away. */
const OUTAGE_MS = 200_000;
const away = (): Promise<never> => Promise.reject(driverError('Unavailable', 'nobody listens'));
const works = async (): Promise<void> => {};

let bench: StorageBench;
afterEach(() => bench.close());

async function start(): Promise<FakeDriver> {
  const driver = new FakeDriver();
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  await bench.createClass(aClass({ provisioner: DRIVER, rest: { allowVolumeExpansion: true } }));
  return driver;
}

/** Lets time pass in small steps, as it does. */
async function outage(): Promise<void> {
  for (let passedMs = 0; passedMs < OUTAGE_MS; passedMs += 10_000) await bench.step(10_000);
}

it('VOL-4: a claim whose driver was away has its volume as soon as the driver answers again', async () => {
  const driver = await start();
  driver.beforeCreate = away;
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await outage();
  driver.beforeCreate = works;
  await bench.announce('another.example');
  expect((await bench.claim())?.status?.phase).toBe('Pending');
  await bench.announce(DRIVER);
  expect((await bench.claim())?.status?.phase).toBe('Bound');
});

it('VOL-4: a claim whose driver was not there has its volume as soon as the driver is', async () => {
  const driver = await start();
  bench.drivers.delete(DRIVER);
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  expect(bench.toldAbout('data')).toContainEqual(
    expect.stringMatching(/^ProvisioningFailed: the CSI driver "disk.example" is not connected/),
  );
  bench.drivers.set(DRIVER, driver);
  await bench.announce(DRIVER);
  expect((await bench.claim())?.status?.phase).toBe('Bound');
});

it('VOL-6: a volume whose driver was not there when its claim went goes as soon as the driver is there', async () => {
  const driver = await start();
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  bench.drivers.delete(DRIVER);
  await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
  await bench.idle();
  expect(driver.volumes.size).toBe(1);
  bench.drivers.set(DRIVER, driver);
  await bench.announce(DRIVER);
  expect(driver.volumes.size).toBe(0);
});

it('VOL-9: a claim whose driver was not there grows as soon as the driver is there', async () => {
  const driver = new FakeDriver({ capabilities: ['EXPAND_VOLUME'] });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  await bench.createClass(aClass({ provisioner: DRIVER, rest: { allowVolumeExpansion: true } }));
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  bench.drivers.delete(DRIVER);
  const body = { spec: { resources: { requests: { storage: '20Mi' } } } };
  await bench.client.patch(persistentVolumeClaims, { key: { namespace: 'default', name: 'data' }, patch: { type: 'merge', body } });
  await bench.idle();
  expect((await bench.claim())?.status?.capacity).toEqual({ storage: '10Mi' });
  bench.drivers.set(DRIVER, driver);
  await bench.announce(DRIVER);
  expect((await bench.claim())?.status?.capacity).toEqual({ storage: '20Mi' });
});

it('VOL-4: a claim whose driver was not there has its attributes changed as soon as the driver is there', async () => {
  const driver = new FakeDriver({ capabilities: ['MODIFY_VOLUME'] });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  await bench.createClass(aClass({ provisioner: DRIVER }));
  await bench.client.create(volumeAttributesClasses, { metadata: { name: 'gold' }, driverName: DRIVER, parameters: { iops: '9' } });
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  bench.drivers.delete(DRIVER);
  const body = { spec: { volumeAttributesClassName: 'gold' } };
  await bench.client.patch(persistentVolumeClaims, { key: { namespace: 'default', name: 'data' }, patch: { type: 'merge', body } });
  await bench.idle();
  expect((await bench.claim())?.status?.currentVolumeAttributesClassName).toBeUndefined();
  bench.drivers.set(DRIVER, driver);
  await bench.announce(DRIVER);
  expect((await bench.claim())?.status?.currentVolumeAttributesClassName).toBe('gold');
});

it('VOL-16: a claim whose chosen node goes has its volume on another at once, however long the next try was off', async () => {
  const driver = new FakeDriver();
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  await bench.createClass(aClass({ provisioner: DRIVER, bindingMode: 'WaitForFirstConsumer' }));
  const first = await bench.createNode(aNode({ name: 'node-1' }));
  driver.beforeCreate = away;
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.createPod(aPod({ claims: ['data'] }));
  await outage();
  await bench.createNode(aNode({ name: 'node-2' }));
  driver.beforeCreate = works;
  await bench.client.delete(nodes, keyOf(first));
  await bench.idle();
  expect((await bench.claim())?.metadata.annotations?.[SELECTED_NODE]).toBe('node-2');
  expect((await bench.claim())?.status?.phase).toBe('Bound');
  expect((await bench.pod())?.spec.nodeName).toBe('node-2');
});

it('VOL-6: a volume that its driver could not delete goes as soon as the driver answers again', async () => {
  const driver = await start();
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  driver.beforeDelete = away;
  await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
  await outage();
  expect(driver.volumes.size).toBe(1);
  driver.beforeDelete = works;
  await bench.announce(DRIVER);
  expect(driver.volumes.size).toBe(0);
});
