import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { csiDrivers, csiNodes, persistentVolumeClaims, persistentVolumes, pods, volumeAttachments } from '#api/resources.ts';
import { ERROR_CODES, type ErrorCode, isErrorCode } from '#kit/error-codes.ts';
import { hasCode } from '#kit/errors.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { settle } from '#testing/fake-clock.ts';
import { driverError, FakeDriver, type FakeDriverOptions } from '#testing/fakes/fake-driver.ts';
import { seededRoll } from '#testing/fakes/weather.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'disk.example';
const CODES: readonly ErrorCode[] = Object.keys(ERROR_CODES).filter(isErrorCode);
/** After these a driver may still be at work (external-provisioner checkError). */
const NON_FINAL: readonly ErrorCode[] = ['Canceled', 'DeadlineExceeded', 'Unavailable', 'Aborted'];
/** The longest wait between two tries. */
const LONGEST_MS = 300_000;
const key = { namespace: 'default', name: 'data' };

const open: StorageBench[] = [];
afterEach(async () => {
  for (const bench of open.splice(0)) await bench.close();
});

async function start(options: FakeDriverOptions = {}): Promise<{ readonly bench: StorageBench; readonly driver: FakeDriver }> {
  const driver = new FakeDriver(options);
  const bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  open.push(bench);
  await bench.createClass(aClass({ provisioner: DRIVER, rest: { allowVolumeExpansion: true } }));
  return { bench, driver };
}

async function attachable(bench: StorageBench, drivers: readonly string[]): Promise<void> {
  for (const name of drivers) await bench.client.create(csiDrivers, { metadata: { name }, spec: { attachRequired: true } });
  await bench.createNode(aNode());
  const spec = { drivers: drivers.map((name) => ({ name, nodeID: 'one' })) };
  await bench.client.create(csiNodes, { metadata: { name: 'node-1' }, spec });
}

async function grow(bench: StorageBench, name: string): Promise<void> {
  const body = { spec: { resources: { requests: { storage: '2Gi' } } } };
  await bench.client.patch(persistentVolumeClaims, { key: { namespace: 'default', name }, patch: { type: 'merge', body } });
}

async function remove(bench: StorageBench, name: string): Promise<void> {
  await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name });
}

async function use(bench: StorageBench, name: string): Promise<void> {
  await bench.createPod(aPod({ name: `user-of-${name}`, claims: [name], nodeName: 'node-1' }));
}

const fails = (code: ErrorCode) => (): Promise<never> => Promise.reject(driverError(code, 'out of order'));
const works = async (): Promise<void> => {};

/** Moves time until `count` calls were made after the first; answers when each came, in ms since the first. */
async function callTimes(bench: StorageBench, calls: readonly string[], count: number): Promise<readonly number[]> {
  const startMs = bench.api.clock.nowMs();
  const times: number[] = [];
  for (let before = calls.length; times.length < count; before = calls.length) {
    await bench.step(500);
    for (let index = before; index < calls.length; index += 1) times.push(bench.api.clock.nowMs() - startMs);
    if (bench.api.clock.nowMs() - startMs > 2 * LONGEST_MS) break;
  }
  return times.slice(0, count);
}

describe.each(CODES)('a driver that answers %s', (code) => {
  it('VOL-4: to CreateVolume: the claim says so, it is tried again as upstream does, and heals into one volume', async () => {
    const { bench, driver } = await start();
    driver.beforeCreate = fails(code);
    const claim = await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    const text = `rpc error: code = ${code} desc = out of order`;
    const isInfeasible = code === 'InvalidArgument';
    expect(bench.toldAbout('data')).toContain(
      isInfeasible
        ? `ProvisioningFailed: Volume provisioning failed with infeasible error. Retries will be delayed. ${text}`
        : `ProvisioningFailed: failed to provision volume with StorageClass "fast": ${text}`,
    );
    expect(await callTimes(bench, driver.calls, isInfeasible ? 1 : 4)).toEqual(isInfeasible ? [LONGEST_MS] : [1_000, 3_000, 7_000, 15_000]);
    driver.beforeCreate = works;
    await bench.step(LONGEST_MS);
    expect(await bench.claim()).toMatchObject({ status: { phase: 'Bound' }, spec: { volumeName: `pvc-${claim.metadata.uid}` } });
    expect([...driver.volumes.keys()]).toEqual([`vol-pvc-${claim.metadata.uid}`]);
    expect(await bench.claim()).toMatchObject({ metadata: { finalizers: ['kubernetes.io/pvc-protection'] } });
  });

  it('VOL-6: to CreateVolume, though it made the volume: there is never a second one, and none when the claim goes', async () => {
    const { bench, driver } = await start();
    driver.afterCreate = fails(code);
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.step(3_000);
    expect(driver.volumes.size).toBe(1);
    driver.afterCreate = works;
    await bench.client.delete(persistentVolumeClaims, key);
    await bench.step(2 * LONGEST_MS);
    expect(await bench.claim()).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
    expect((await bench.client.list(persistentVolumes)).items).toEqual([]);
  });

  it('VOL-6: to CreateVolume for a claim that is deleted meanwhile: it goes at once where the driver has ended, else when it has', async () => {
    const { bench, driver } = await start();
    driver.beforeCreate = fails(code);
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    await bench.client.delete(persistentVolumeClaims, key);
    await bench.idle();
    const isOpen = NON_FINAL.includes(code) || code === 'AlreadyExists';
    expect((await bench.claim()) !== undefined).toBe(isOpen);
    if (isOpen) expect(bench.toldAbout('data').at(-1)).toMatch(/^ProvisioningCleanupFailed: .*out of order\. It is tried again\.$/);
    driver.beforeCreate = works;
    await bench.step(LONGEST_MS);
    expect(await bench.claim()).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
  });

  it('VOL-6: to DeleteVolume, before or after it did it: the volume says so and goes when the driver answers', async () => {
    const { bench, driver } = await start();
    const claim = await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    const name = `pvc-${claim.metadata.uid}`;
    driver.beforeDelete = fails(code);
    await bench.client.delete(persistentVolumeClaims, key);
    await bench.idle();
    driver.calls.length = 0;
    expect(bench.toldAbout(name)).toContain(`VolumeFailedDelete: rpc error: code = ${code} desc = out of order`);
    expect((await bench.volume(name))?.status?.phase).toBe('Released');
    expect(await callTimes(bench, driver.calls, 3)).toEqual([1_000, 3_000, 7_000]);
    driver.beforeDelete = works;
    driver.afterDelete = fails(code);
    await bench.step(LONGEST_MS);
    expect(await bench.volume(name)).toBeDefined();
    driver.afterDelete = works;
    await bench.step(LONGEST_MS);
    expect(await bench.volume(name)).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
  });

  it('VOL-9: to ControllerExpandVolume: the claim says so, and grows when the driver answers', async () => {
    const { bench, driver } = await start({ capabilities: ['EXPAND_VOLUME'] });
    await bench.createClaim(aClaim({ storageClassName: 'fast', size: '1Gi' }));
    await bench.idle();
    driver.beforeExpand = fails(code);
    const body = { spec: { resources: { requests: { storage: '2Gi' } } } };
    await bench.client.patch(persistentVolumeClaims, { key, patch: { type: 'merge', body } });
    await bench.idle();
    expect(bench.toldAbout('data').at(-1)).toMatch(
      new RegExp(`^VolumeResizeFailed: resize volume .* rpc error: code = ${code} desc = out of order; `),
    );
    const isInfeasible = ['InvalidArgument', 'OutOfRange', 'NotFound'].includes(code);
    const status = (await bench.claim())?.status;
    expect(status?.allocatedResourceStatuses).toEqual({
      storage: isInfeasible ? 'ControllerResizeInfeasible' : 'ControllerResizeInProgress',
    });
    const isOpen = NON_FINAL.includes(code);
    expect(status?.conditions?.map(({ type }) => type)).toEqual(isOpen ? ['Resizing'] : ['Resizing', 'ControllerResizeError']);
    driver.beforeExpand = works;
    await bench.step(LONGEST_MS);
    expect((await bench.claim())?.status).toMatchObject({ capacity: { storage: '2Gi' } });
    expect((await bench.claim())?.status?.conditions ?? []).toEqual([]);
  });

  it('VOL-8: to ControllerPublishVolume and ControllerUnpublishVolume: attachment and pod say so, and both go on when it answers', async () => {
    const { bench, driver } = await start({ capabilities: ['PUBLISH_UNPUBLISH_VOLUME'] });
    await bench.client.create(csiDrivers, { metadata: { name: DRIVER }, spec: { attachRequired: true } });
    await bench.createNode(aNode());
    await bench.client.create(csiNodes, { metadata: { name: 'node-1' }, spec: { drivers: [{ name: DRIVER, nodeID: 'one' }] } });
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    const attachment = async () => (await bench.client.list(volumeAttachments)).items[0];
    driver.beforePublish = fails(code);
    await bench.createPod(aPod({ claims: ['data'], nodeName: 'node-1' }));
    await bench.idle();
    const errorCode = ERROR_CODES[code].grpc;
    expect((await attachment())?.status).toMatchObject({ attached: false, attachError: { message: 'out of order', errorCode } });
    expect(bench.toldAbout('web').at(-1)).toMatch(/^FailedAttachVolume: AttachVolume.Attach failed for volume .* : out of order$/);
    driver.beforePublish = works;
    await bench.step(2_000);
    expect((await attachment())?.status?.attached).toBe(true);
    driver.beforeUnpublish = fails(code);
    await bench.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSec: 0 });
    await bench.idle();
    const isGone = code === 'NotFound';
    expect((await attachment())?.status?.detachError).toEqual(isGone ? undefined : expect.objectContaining({ errorCode }));
    driver.beforeUnpublish = works;
    await bench.step(2_000);
    expect(await attachment()).toBeUndefined();
  });
});

describe('faults of drivers', () => {
  it('CLASS-6: a driver that hangs holds up no claim of another, however many of its own wait', async () => {
    const { bench, driver } = await start();
    const other = new FakeDriver();
    bench.drivers.set('other.example', other);
    await bench.createClass(aClass({ name: 'other', provisioner: 'other.example' }));
    const { promise, resolve } = Promise.withResolvers<void>();
    driver.beforeCreate = () => promise;
    for (let index = 0; index < 150; index += 1) await bench.createClaim(aClaim({ name: `stuck-${index}`, storageClassName: 'fast' }));
    for (let index = 0; index < 20; index += 1) await bench.createClaim(aClaim({ name: `free-${index}`, storageClassName: 'other' }));
    const phases = async (prefix: string): Promise<readonly (string | undefined)[]> => {
      const { items } = await bench.client.list(persistentVolumeClaims);
      return items.filter(({ metadata }) => metadata.name.startsWith(prefix)).map(({ status }) => status?.phase);
    };
    for (let round = 0; round < 200 && (await phases('free')).includes('Pending'); round += 1) await settle();
    expect(new Set(await phases('free'))).toEqual(new Set(['Bound']));
    expect(driver.calls).toHaveLength(100);
    resolve();
    await bench.idle();
    expect(new Set(await phases('stuck'))).toEqual(new Set(['Bound']));
    expect(driver.volumes.size).toBe(150);
  });

  it.each([
    { name: 'grows', before: 'beforeExpand', act: grow, workers: 10 },
    { name: 'deletes', before: 'beforeDelete', act: remove, workers: 100 },
    { name: 'attaches', before: 'beforePublish', act: use, workers: 10 },
  ] as const)('CLASS-6: a driver that hangs while it $name volumes holds up no volume of another', async ({ before, act, workers }) => {
    const { bench, driver } = await start({ capabilities: ['EXPAND_VOLUME', 'PUBLISH_UNPUBLISH_VOLUME'] });
    const other = new FakeDriver({ capabilities: ['EXPAND_VOLUME', 'PUBLISH_UNPUBLISH_VOLUME'] });
    bench.drivers.set('other.example', other);
    await bench.createClass(aClass({ name: 'other', provisioner: 'other.example', rest: { allowVolumeExpansion: true } }));
    const names = Array.from({ length: workers + 5 }, (_unused, index) => `stuck-${index}`);
    for (const name of names) await bench.createClaim(aClaim({ name, storageClassName: 'fast' }));
    await bench.createClaim(aClaim({ name: 'free', storageClassName: 'other' }));
    await attachable(bench, [DRIVER, 'other.example']);
    await bench.idle();
    const { promise, resolve } = Promise.withResolvers<void>();
    driver[before] = () => promise;
    let isHeard = false;
    other[before] = async () => void (isHeard = true);
    for (const name of [...names, 'free']) await act(bench, name);
    for (let round = 0; round < 200 && !isHeard; round += 1) await settle();
    expect(isHeard).toBe(true);
    resolve();
    await bench.idle();
  });

  it('asks a driver that registers again at once, however long its claims were to wait', async () => {
    const { bench, driver } = await start();
    await bench.createNode(aNode());
    const drivers = [{ name: DRIVER, nodeID: 'one' }];
    await bench.client.create(csiNodes, { metadata: { name: 'node-1' }, spec: { drivers } });
    driver.beforeCreate = fails('Unavailable');
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.step(2 * LONGEST_MS);
    const register = async (names: typeof drivers): Promise<void> => {
      const patch = { type: 'merge', body: { spec: { drivers: names } } } as const;
      await bench.client.patch(csiNodes, { key: { namespace: '', name: 'node-1' }, patch });
      await bench.idle();
    };
    await register([]);
    driver.beforeCreate = works;
    await register(drivers);
    expect((await bench.claim())?.status?.phase).toBe('Bound');
  });

  it('a claim whose driver was never asked can be deleted though it can’t be asked now', async () => {
    const { bench, driver } = await start();
    await bench.createClass(
      aClass({
        name: 'secret',
        provisioner: DRIVER,
        parameters: { 'csi.storage.k8s.io/provisioner-secret-name': 'none', 'csi.storage.k8s.io/provisioner-secret-namespace': 'default' },
      }),
    );
    await bench.createClaim(aClaim({ storageClassName: 'secret' }));
    await bench.idle();
    expect(bench.toldAbout('data').join()).toContain("the secret default/none that the class names can't be read");
    await bench.client.delete(persistentVolumeClaims, key);
    await bench.idle();
    expect(await bench.claim()).toBeUndefined();
    expect(driver.calls).toEqual([]);
  });

  it('looks for a volume that a broken driver may have made, also after a restart, until the driver is clear about it', async () => {
    const { bench, driver } = await start();
    driver.afterCreate = fails('DeadlineExceeded');
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    driver.beforeCreate = fails('Internal');
    await bench.client.delete(persistentVolumeClaims, key);
    await bench.restart();
    await bench.step(60_000);
    expect(await bench.claim()).toBeDefined();
    expect(driver.volumes.size).toBe(1);
    [driver.beforeCreate, driver.afterCreate] = [works, works];
    await bench.step(LONGEST_MS);
    expect(await bench.claim()).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
  });

  it('VOL-6: nothing leaks and nothing is doubled, whatever a driver answers in whatever order while claims come and go', async () => {
    let faults = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const roll = seededRoll(seed);
        const { bench, driver } = await start();
        const mayFail = (codes: readonly ErrorCode[]) => async (): Promise<void> => {
          if (roll(3) > 0) return;
          faults += 1;
          throw driverError(codes[roll(codes.length)] ?? 'Unknown', 'out of order');
        };
        // why: a driver that refuses what it has, or says its last word and goes on all the same, is beyond help
        const unclear = [...NON_FINAL, 'AlreadyExists', 'Internal', 'Unknown', 'DataLoss', 'PermissionDenied', 'Unauthenticated'] as const;
        driver.beforeCreate = ({ name }) => mayFail(driver.volumes.has(`vol-${name}`) ? unclear : CODES)();
        driver.afterCreate = mayFail(NON_FINAL);
        [driver.beforeDelete, driver.afterDelete] = [mayFail(CODES), mayFail(CODES)];
        for (let round = 0; round < 5; round += 1) {
          for (let index = roll(4); index >= 0; index -= 1)
            await bench.createClaim(aClaim({ name: `claim-${round}-${index}`, storageClassName: 'fast' }));
          await (roll(2) === 0 ? settle() : bench.idle());
          for (const { metadata } of (await bench.client.list(persistentVolumeClaims)).items)
            if (roll(3) === 0)
              await bench.client.delete(persistentVolumeClaims, { ...key, name: metadata.name }).catch((thrown: unknown) => {
                if (!hasCode(thrown, 'NotFound')) throw thrown;
              });
          await bench.step(roll(20_000));
          if (roll(4) === 0) await bench.restart();
        }
        [driver.beforeCreate, driver.afterCreate, driver.beforeDelete, driver.afterDelete] = [works, works, works, works];
        await bench.step(2 * LONGEST_MS);
        const claims = (await bench.client.list(persistentVolumeClaims)).items;
        const wanted = claims.map(({ metadata }) => `pvc-${metadata.uid}`).toSorted();
        expect(new Set(claims.map(({ status }) => status?.phase))).toEqual(new Set(claims.length === 0 ? [] : ['Bound']));
        expect((await bench.client.list(persistentVolumes)).items.map(({ metadata }) => metadata.name).toSorted()).toEqual(wanted);
        expect([...driver.volumes.values()].map(({ name }) => name).toSorted()).toEqual(wanted);
        await bench.close();
        open.splice(open.indexOf(bench), 1);
      }),
      { numRuns: 30 },
    );
    expect(faults).toBeGreaterThan(100);
  }, 60_000);
});
