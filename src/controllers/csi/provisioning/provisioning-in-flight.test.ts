import { expect, it } from 'vitest';
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { settle } from '#testing/fake-clock.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { startStorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const IN_FLIGHT = 'provisioning.stowage.dev/in-flight';

it.each([
  { name: 'this process asked for the volume', annotations: {} },
  {
    name: 'another controller asked for the volume',
    annotations: { 'volume.kubernetes.io/storage-provisioner': DRIVER, 'volume.beta.kubernetes.io/storage-provisioner': DRIVER },
  },
])('VOL-6: the claim is kept before its driver is asked, where $name: deleted after a lost answer, it leaves nothing', async (of) => {
  const driver = new FakeDriver();
  const bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  try {
    const kept: boolean[] = [];
    driver.beforeCreate = async () => void kept.push((await bench.claim())?.metadata.finalizers?.includes(IN_FLIGHT) === true);
    driver.afterCreate = () => Promise.reject(driverError('DeadlineExceeded', 'no answer'));
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast', annotations: of.annotations }));
    await bench.idle();
    expect(kept).toEqual([true]);
    expect(driver.volumes.size).toBe(1);
    await bench.halt();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    driver.afterCreate = async () => {};
    await bench.restart();
    expect(await bench.claim()).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
  } finally {
    await bench.close();
  }
});

it.each([
  { name: 'its class is made again', take: 'class' },
  { name: 'its driver is back', take: 'driver' },
])('VOL-6: a deleted claim whose volume may exist goes as soon as $name', async ({ take }) => {
  const driver = new FakeDriver();
  const bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  try {
    driver.afterCreate = () => Promise.reject(driverError('DeadlineExceeded', 'no answer'));
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    await bench.halt();
    driver.afterCreate = async () => {};
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    if (take === 'class') await bench.client.delete(storageClasses, { namespace: '', name: 'fast' });
    else bench.drivers.delete(DRIVER);
    await bench.restart();
    expect(bench.toldAbout('data').join()).toContain('may exist at the backend and can');
    expect(await bench.claim()).toBeDefined();
    if (take === 'class') await bench.createClass(aClass());
    else {
      bench.drivers.set(DRIVER, driver);
      await bench.announce(DRIVER);
    }
    await bench.idle();
    expect(await bench.claim()).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
  } finally {
    await bench.close();
  }
});

it('VOL-6: a volume whose PersistentVolume is refused is deleted again, and the claim says why', async () => {
  const driver = new FakeDriver();
  const refusal = new PlatformError({ code: 'PermissionDenied', reason: 'Forbidden', message: 'no more volumes in this cluster' });
  const bench = await startStorageBench({
    drivers: { [DRIVER]: driver },
    wrapClient: (client) =>
      overrideClient(client, {
        create: (resource, draft, options) =>
          resource.kind === 'PersistentVolume' ? Promise.reject(refusal) : client.create(resource, draft, options),
      }),
  });
  try {
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    expect(bench.toldAbout('data').join('\n')).toContain('the PersistentVolume was refused: no more volumes in this cluster');
    expect(driver.volumes.size).toBe(0);
  } finally {
    await bench.close();
  }
});

it.each([
  { name: 'is bound meanwhile', what: 'bind' },
  { name: 'is deleted meanwhile', what: 'delete' },
])('VOL-6: the volume of a PersistentVolume that an earlier try wrote unseen stays, where its claim $name', async ({ what }) => {
  const driver = new FakeDriver();
  const bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  try {
    driver.afterCreate = async () => {
      driver.afterCreate = async () => {};
      const claim = await bench.client.get(persistentVolumeClaims, { namespace: 'default', name: 'data' });
      const name = `pvc-${claim.metadata.uid}`;
      const [volumeHandle = ''] = driver.volumes.keys();
      const csi = { driver: DRIVER, volumeHandle };
      // the write of a process that was killed arrives late
      await bench.createVolume(aVolume({ name, claim, storageClassName: 'fast', spec: { csi, hostPath: undefined } }));
      if (what === 'bind') await settle();
      else await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    };
    await bench.createClass(aClass({ reclaimPolicy: 'Retain' }));
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    await bench.step(60_000);
    expect(driver.volumes.size).toBe(1);
    const claim = await bench.claim();
    if (what === 'bind') expect(claim).toMatchObject({ status: { phase: 'Bound' } });
    expect(claim?.metadata.finalizers ?? []).not.toContain(IN_FLIGHT);
  } finally {
    await bench.close();
  }
});

it('VOL-6: a driver is not asked again for a volume that is told of already, also where the answer was lost and the cache is behind', async () => {
  const driver = new FakeDriver();
  const caughtUp = Promise.withResolvers<void>();
  const bench = await startStorageBench({
    drivers: { [DRIVER]: driver },
    wrapClient: (client) =>
      overrideClient(client, {
        create: async (resource, draft, options) => {
          const made = await client.create(resource, draft, options);
          if (resource.kind === 'PersistentVolume') throw driverError('DeadlineExceeded', 'no answer');
          return made;
        },
        watch: async function* (resource, options) {
          for await (const event of client.watch(resource, options)) {
            if (resource.kind === 'PersistentVolume') await caughtUp.promise;
            yield event;
          }
        },
      }),
  });
  try {
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.step(5_000);
    expect(driver.calls.filter((call) => call.startsWith('create '))).toHaveLength(1);
    caughtUp.resolve();
    await bench.step(60_000);
    expect((await bench.claim())?.status?.phase).toBe('Bound');
  } finally {
    caughtUp.resolve();
    await bench.close();
  }
});

it.each([
  { when: 'before its claim has it', phase: undefined },
  { when: 'between the writes that give it to its claim', phase: 'Bound' },
])('VOL-6: a PersistentVolume that is deleted $when goes, and another is made', async ({ phase }) => {
  const driver = new FakeDriver();
  const bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  try {
    driver.afterCreate = () => Promise.reject(driverError('DeadlineExceeded', 'no answer'));
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    await bench.halt();
    driver.afterCreate = async () => {};
    const claim = await bench.client.get(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    const [volumeHandle = ''] = driver.volumes.keys();
    const name = `pvc-${claim.metadata.uid}`;
    const first = await bench.client.create(
      persistentVolumes,
      aVolume({
        name,
        claim,
        storageClassName: 'fast',
        reclaimPolicy: 'Delete',
        annotations: { 'pv.kubernetes.io/provisioned-by': DRIVER },
        finalizers: ['external-provisioner.volume.kubernetes.io/finalizer'],
        spec: { csi: { driver: DRIVER, volumeHandle }, hostPath: undefined },
      }),
    );
    const body = { status: { phase } };
    if (phase !== undefined)
      await bench.client.patch(
        persistentVolumes,
        { key: { namespace: '', name }, patch: { type: 'merge', body } },
        { subresource: 'status' },
      );
    await bench.client.delete(persistentVolumes, { namespace: '', name });
    await bench.restart();
    await bench.step(60_000);
    expect((await bench.claim())?.status?.phase).toBe('Bound');
    expect((await bench.client.get(persistentVolumes, { namespace: '', name })).metadata.uid).not.toBe(first.metadata.uid);
    expect(driver.calls.filter((call) => !call.startsWith('create'))).toEqual([`delete ${volumeHandle}`]);
  } finally {
    await bench.close();
  }
});
