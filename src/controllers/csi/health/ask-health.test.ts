import { describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type * as csi from '#protocols/csi/generated/messages.ts';
import { driverError } from '#testing/fakes/fake-driver.ts';
import { type AskedVolumes, healthQuestion, type HealthOfVolumes } from './ask-health.ts';

const LOST: csi.VolumeHealth['healthStatuses'] = [{ status: 'INACCESSIBLE', reason: 'PathLost' }];
const lost = [{ status: 'Inaccessible', reason: 'PathLost' }];
const torn = [{ status: 'Degraded', reason: 'VolumeConditionAbnormal', message: 'torn' }];

/** Volumes a to d: b and c are not well. Remembers what it was asked. */
class Driver {
  readonly asked: string[] = [];
  fault: (volumeId: string) => void = () => {};
  readonly client = trusted<CsiClient>({
    controller: {
      controllerListVolumeHealth: async ({ startingToken }: csi.ControllerListVolumeHealthRequest) => {
        this.asked.push(`list health ${startingToken}`);
        if (startingToken === '') return { entries: [{ volumeId: 'b', healthStatuses: LOST }], nextToken: '2' };
        return { entries: [{ volumeId: 'c', healthStatuses: LOST }] };
      },
      controllerGetVolumeHealth: async ({ volumeId = '' }: csi.ControllerGetVolumeHealthRequest) => {
        this.asked.push(`get health ${volumeId}`);
        this.fault(volumeId);
        return { volumeHealth: { volumeId, ...(volumeId === 'b' ? { healthStatuses: LOST } : {}) } };
      },
      listVolumes: async ({ startingToken }: csi.ListVolumesRequest) => {
        this.asked.push(`list ${startingToken}`);
        const entry = (volumeId: string, volumeCondition?: csi.VolumeCondition) => ({ volume: { volumeId }, status: { volumeCondition } });
        if (startingToken === '')
          return { entries: [entry('a', { abnormal: false }), entry('b', { abnormal: true, message: 'torn' })], nextToken: '2' };
        return { entries: [entry('c')], nextToken: '2' };
      },
      controllerGetVolume: async ({ volumeId = '' }: csi.ControllerGetVolumeRequest) => {
        this.asked.push(`get ${volumeId}`);
        return { volume: { volumeId }, status: { volumeCondition: { abnormal: volumeId === 'b', message: 'torn' } } };
      },
    },
  });

  ask(capabilities: readonly csi.ControllerServiceCapabilityRPCType[], volumes: AskedVolumes): Promise<HealthOfVolumes> | undefined {
    return healthQuestion(new Set(capabilities))?.ask(this.client, volumes, {});
  }
}

describe('VOL-19: how drivers are asked how their volumes are', () => {
  const all = ['a', 'b', 'd'];
  const unwell = new Set(['b', 'd']);
  it.each<{ name: string; can: readonly csi.ControllerServiceCapabilityRPCType[]; asks: readonly string[]; hears: object }>([
    {
      name: 'by a list, and each of those that were not well and are not in it',
      can: ['LIST_VOLUME_HEALTH', 'GET_VOLUME_HEALTH', 'VOLUME_CONDITION', 'LIST_VOLUMES'],
      asks: ['list health ', 'list health 2', 'get health d'],
      hears: { b: lost, c: lost, d: [] },
    },
    {
      name: 'one by one',
      can: ['GET_VOLUME_HEALTH', 'VOLUME_CONDITION', 'LIST_VOLUMES'],
      asks: ['get health a', 'get health b', 'get health d'],
      hears: { a: [], b: lost, d: [] },
    },
    {
      name: 'before CSI 1.13 by a list of volumes, whose end is seen though it gives a token for ever',
      can: ['VOLUME_CONDITION', 'LIST_VOLUMES', 'GET_VOLUME'],
      asks: ['list ', 'list 2'],
      hears: { a: [], b: torn },
    },
    {
      name: 'before it one by one',
      can: ['VOLUME_CONDITION', 'GET_VOLUME'],
      asks: ['get a', 'get b', 'get d'],
      hears: { a: [], b: torn, d: [] },
    },
  ])('$name', async ({ can, asks, hears }) => {
    const driver = new Driver();
    expect(Object.fromEntries((await driver.ask(can, { all, unwell })) ?? [])).toEqual(hears);
    expect(driver.asked).toEqual(asks);
  });

  it.each<{ can: readonly csi.ControllerServiceCapabilityRPCType[] }>([
    { can: [] },
    { can: ['LIST_VOLUMES', 'GET_VOLUME'] },
    { can: ['VOLUME_CONDITION'] },
  ])('nothing is asked of one that can only $can', ({ can }) => {
    expect(healthQuestion(new Set(can))).toBeUndefined();
  });

  it('a refusal for one says nothing of that one, and nothing against the others', async () => {
    const driver = new Driver();
    driver.fault = (volumeId) => {
      if (volumeId === 'a') throw driverError('Internal', 'no idea');
    };
    expect(Object.fromEntries((await driver.ask(['GET_VOLUME_HEALTH'], { all, unwell })) ?? [])).toEqual({ b: lost, d: [] });
  });

  it('one that is away is not asked for the rest', async () => {
    const driver = new Driver();
    driver.fault = () => {
      throw driverError('Unavailable', 'away');
    };
    await expect(driver.ask(['GET_VOLUME_HEALTH'], { all, unwell })).rejects.toMatchObject({ code: 'Unavailable' });
    expect(driver.asked).toEqual(['get health a']);
  });
});
