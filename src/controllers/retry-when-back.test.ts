import { afterEach, expect, it } from 'vitest';
import { persistentVolumeClaims } from '#api/resources.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
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
