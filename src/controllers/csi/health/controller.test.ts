import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { csiDrivers } from '#api/resources.ts';
import type * as csi from '#protocols/csi/generated/messages.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'disk.example';
const INTERVAL_MS = 60_000;

describe('VOL-19: the health of volumes', () => {
  let bench: StorageBench;
  let driver: FakeDriver;
  let statuses: csi.VolumeHealthVolumeHealthEntry[];
  let fault: (() => void) | undefined;
  beforeEach(async () => {
    [statuses, fault] = [[], undefined];
    driver = new FakeDriver({ capabilities: ['CREATE_DELETE_VOLUME', 'GET_VOLUME_HEALTH', 'LIST_VOLUME_HEALTH'] });
    Object.assign(driver.controller, {
      controllerListVolumeHealth: async (): Promise<csi.ControllerListVolumeHealthResponse> => {
        fault?.();
        const entries = statuses.length === 0 ? [] : [...driver.volumes.keys()].map((volumeId) => ({ volumeId, healthStatuses: statuses }));
        return { entries };
      },
      controllerGetVolumeHealth: async ({
        volumeId,
      }: csi.ControllerGetVolumeHealthRequest): Promise<csi.ControllerGetVolumeHealthResponse> => ({
        volumeHealth: { volumeId, healthStatuses: statuses },
      }),
    });
    bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
    await bench.client.create(csiDrivers, { metadata: { name: DRIVER }, spec: { attachRequired: false } });
    await bench.createClass(aClass({ provisioner: DRIVER }));
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
  });
  afterEach(() => bench.close());

  const health = async () => (await bench.claim())?.status?.healthStatus;
  const told = () => bench.toldAbout('data').filter((text) => text.startsWith('VolumeCondition'));

  it('is in the status and the events of the claim, since when, and until it is well again', async () => {
    await bench.step(INTERVAL_MS);
    expect([await health(), told()]).toEqual([undefined, []]);
    statuses = [{ status: 'DEGRADED', reason: 'Rebuild', message: 'one of two' }];
    await bench.step(INTERVAL_MS);
    const first = {
      healthConditions: [{ status: 'Degraded', reason: 'Rebuild', message: 'one of two' }],
      lastTransitionTime: '2026-01-01T00:02:00Z',
    };
    expect(await health()).toEqual(first);
    expect(told()).toEqual(['VolumeConditionAbnormal: Degraded (Rebuild): one of two']);
    await bench.step(INTERVAL_MS);
    expect(await health()).toEqual(first);
    statuses = [];
    await bench.step(INTERVAL_MS);
    expect(await health()).toBeUndefined();
    expect(told().at(-1)).toBe('VolumeConditionNormal: The Volume returns to the healthy state');
  });

  it('is kept where the driver does not answer, and read again when it is back', async () => {
    statuses = [{ status: 'DATA_LOSS', reason: 'Scrub' }];
    await bench.step(INTERVAL_MS);
    const lost = { healthConditions: [{ status: 'DataLoss', reason: 'Scrub' }] };
    expect(await health()).toMatchObject(lost);
    statuses = [];
    fault = () => {
      throw driverError('Unavailable', 'away');
    };
    await bench.step(INTERVAL_MS);
    expect(await health()).toMatchObject(lost);
    fault = undefined;
    await bench.announce(DRIVER);
    expect(await health()).toBeUndefined();
  });
});
