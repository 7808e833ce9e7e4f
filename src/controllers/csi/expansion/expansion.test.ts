import { afterEach, describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { PRE_RESIZE_CAPACITY } from '#api/storage/names.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aPod } from '#testing/builders/pod.ts';
import { driverError, FakeDriver, type FakeDriverOptions } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const KEY = { namespace: 'default', name: 'data' };
let bench: StorageBench;

afterEach(async () => bench.close());

/** A bound claim of 1Gi. */
async function boundClaim(options: FakeDriverOptions = {}): Promise<FakeDriver> {
  const driver = new FakeDriver({ capabilities: ['EXPAND_VOLUME'], ...options });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  await bench.createClass(aClass({ rest: { allowVolumeExpansion: true } }));
  await bench.createClaim(aClaim({ storageClassName: 'fast', size: '1Gi' }));
  await bench.idle();
  driver.calls.length = 0;
  return driver;
}

async function ask(size: string): Promise<PersistentVolumeClaim | undefined> {
  const body = { spec: { resources: { requests: { storage: size } } } };
  await bench.client.patch(persistentVolumeClaims, { key: KEY, patch: { type: 'merge', body } });
  await bench.idle();
  return bench.claim();
}

function bytes(gibibytes: number): bigint {
  return BigInt(gibibytes) << 30n;
}

describe('VOL-9: expansion', () => {
  it('grows the volume, then claim and PersistentVolume say so', async () => {
    const driver = await boundClaim();
    const claim = await ask('2Gi');
    expect(claim?.status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '2Gi' },
      allocatedResources: { storage: '2Gi' },
    });
    const volume = await bench.volume(claim?.spec.volumeName ?? '');
    expect(volume?.spec.capacity).toEqual({ storage: '2Gi' });
    expect(driver.calls).toEqual([`expand ${volume?.spec.csi?.volumeHandle} ${bytes(2)}`]);
    expect(bench.toldAbout('data').slice(-2)).toEqual([
      `Resizing: External resizer is resizing volume ${volume?.metadata.name}`,
      'VolumeResizeSuccessful: Resize volume succeeded',
    ]);
  });

  it('leaves the rest to the node where the driver says so, and remembers the size that the filesystem has', async () => {
    const driver = await boundClaim({ growth: 'needsNode' });
    const claim = await ask('2Gi');
    expect(claim?.status).toMatchObject({
      capacity: { storage: '1Gi' },
      allocatedResources: { storage: '2Gi' },
      allocatedResourceStatuses: { storage: 'NodeResizePending' },
      conditions: [
        {
          type: 'FileSystemResizePending',
          status: 'True',
          message: 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.',
        },
      ],
    });
    const volume = await bench.volume(claim?.spec.volumeName ?? '');
    expect(volume?.spec.capacity).toEqual({ storage: '2Gi' });
    expect(volume?.metadata.annotations).toMatchObject({ 'volume.alpha.kubernetes.io/pre-resize-capacity': '1Gi' });
    expect(bench.toldAbout('data').at(-1)).toBe('FileSystemResizeRequired: Require file system resize of volume on node');
    await bench.restart();
    await bench.step(600_000);
    expect(driver.calls).toHaveLength(1);
  });

  it('waits five minutes before it asks again for what the driver never makes, and grows at once to a lowered size', async () => {
    const driver = await boundClaim();
    driver.beforeExpand = async ({ capacityRange }) => {
      if ((capacityRange?.requiredBytes ?? 0n) > bytes(5)) throw driverError('OutOfRange', 'too large');
    };
    const refused = await ask('9Gi');
    expect(refused?.status).toMatchObject({
      capacity: { storage: '1Gi' },
      allocatedResources: { storage: '9Gi' },
      allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
      conditions: [
        { type: 'Resizing', status: 'True' },
        { type: 'ControllerResizeError', message: 'failed to expand pvc with rpc error: code = OutOfRange desc = too large' },
      ],
    });
    await bench.step(299_000);
    expect(driver.calls).toHaveLength(1);
    await bench.step(2_000);
    expect(driver.calls).toHaveLength(2);
    const recovered = await ask('2Gi');
    expect(recovered?.status).toMatchObject({ capacity: { storage: '2Gi' }, allocatedResources: { storage: '2Gi' } });
    expect(recovered?.status?.conditions).toBeUndefined();
    expect(recovered?.status?.allocatedResourceStatuses).toBeUndefined();
  });

  it.each(['Internal', 'ResourceExhausted'] as const)('gives a size up at once after %s, the last word of the driver', async (code) => {
    const driver = await boundClaim();
    driver.beforeExpand = async ({ capacityRange }) => {
      if ((capacityRange?.requiredBytes ?? 0n) > bytes(5)) throw driverError(code, 'no room');
    };
    const waiting = await ask('9Gi');
    expect(waiting?.status?.allocatedResourceStatuses).toEqual({ storage: 'ControllerResizeInProgress' });
    await bench.step(1_500);
    expect(driver.calls).toHaveLength(2);
    expect((await ask('2Gi'))?.status?.capacity).toEqual({ storage: '2Gi' });
  });

  it('brings a size to its end of which nobody knows how it went, before a newer one', async () => {
    const driver = await boundClaim();
    let isAway = true;
    driver.beforeExpand = async () => {
      if (isAway) throw driverError('DeadlineExceeded', 'no answer');
    };
    await ask('4Gi');
    const lowered = await ask('2Gi');
    expect(lowered?.status).toMatchObject({
      allocatedResources: { storage: '4Gi' },
      allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
    });
    isAway = false;
    await bench.step(10_000);
    expect(new Set(driver.calls.map((call) => call.split(' ')[2]))).toEqual(new Set([String(bytes(4))]));
    expect((await bench.claim())?.status?.capacity).toEqual({ storage: '4Gi' });
  });

  it('does not ask a driver that grows offline only again while a pod uses the volume', async () => {
    const driver = await boundClaim();
    let isUsed = true;
    driver.beforeExpand = async () => {
      if (isUsed) throw driverError('FailedPrecondition', 'in use');
    };
    await bench.createPod(aPod({ claims: ['data'] }));
    await ask('2Gi');
    await bench.step(120_000);
    expect(driver.calls).toHaveLength(1);
    expect(bench.toldAbout('data').at(-1)).toContain(
      'Unable to expand default/data because CSI driver local.stowage.dev only supports offline expansion and volume is currently in-use',
    );
    isUsed = false;
    await bench.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSec: 0 });
    await bench.step(60_000);
    expect((await bench.claim())?.status?.capacity).toEqual({ storage: '2Gi' });
  });

  it('takes a note of an earlier size off a volume whose claim is not growing', async () => {
    await boundClaim();
    const name = (await bench.claim())?.spec.volumeName ?? '';
    const body = { metadata: { annotations: { [PRE_RESIZE_CAPACITY]: '1Gi' } } };
    await bench.client.patch(persistentVolumes, { key: { namespace: '', name }, patch: { type: 'merge', body } });
    await bench.idle();
    expect((await bench.volume(name))?.metadata.annotations?.[PRE_RESIZE_CAPACITY]).toBeUndefined();
  });

  it('asks the driver again where the volume loses its size while its node is awaited', async () => {
    const driver = await boundClaim({ growth: 'needsNode' });
    const name = (await ask('2Gi'))?.spec.volumeName ?? '';
    expect(driver.calls).toHaveLength(1);
    const body = { metadata: { annotations: { [PRE_RESIZE_CAPACITY]: null } }, spec: { capacity: { storage: '1Gi' } } };
    await bench.client.patch(persistentVolumes, { key: { namespace: '', name }, patch: { type: 'merge', body } });
    await bench.idle();
    expect(driver.calls).toHaveLength(2);
    expect((await bench.volume(name))?.spec.capacity).toEqual({ storage: '2Gi' });
  });

  it('says that the driver can not grow volumes, or is not there', async () => {
    const driver = await boundClaim({ capabilities: [] });
    const claim = await ask('2Gi');
    expect(claim?.status?.allocatedResourceStatuses).toEqual({ storage: 'ControllerResizeInfeasible' });
    expect(bench.toldAbout('data').at(-1)).toMatch(/^VolumeResizeFailed: .*can't grow volumes/);
    expect(driver.calls).toEqual([]);
    bench.drivers.clear();
    await bench.step(300_000);
    expect(bench.toldAbout('data').at(-1)).toContain('"local.stowage.dev" is not connected: start that driver (connected: none)');
  });
});
