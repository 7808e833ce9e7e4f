import { describe, expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { type GrowthOrder, type GrowthWork, requestGrowth } from './grow-volume.ts';

const claim = aStoredClaim();
const volume = aStoredVolume({ claim, driver: 'd' });
const order: GrowthOrder = {
  claim,
  volume,
  driverName: 'd',
  size: '2Gi',
  isNew: true,
  failed: undefined,
  attempt: { key: 'default/data', uid: claim.metadata.uid, wish: '2Gi' },
};
const all: GrowthWork['capabilities'] = { onController: true, onNode: true, hasSingleNodeMultiWriter: false };

describe('VOL-9: requestGrowth', () => {
  it('asks the controller service for the size, with the secret that the volume names', () => {
    const csi = { driver: 'd', volumeHandle: 'h', controllerExpandSecretRef: { namespace: 'a', name: 'b' } };
    const request = requestGrowth({ ...order, volume: { ...volume, spec: { ...volume.spec, csi } } }, all);
    expect(request).toMatchObject({
      kind: 'send',
      message: { volumeId: 'h', capacityRange: { requiredBytes: 2n << 30n } },
      secret: { key: { namespace: 'a', name: 'b' } },
    });
    expect(requestGrowth(order, all)).toMatchObject({ kind: 'send', secret: undefined });
  });

  it('has nothing to ask of a driver that only its node service grows', () => {
    expect(requestGrowth(order, { ...all, onController: false })).toEqual({ kind: 'answered', answer: { size: '2Gi', needsNode: true } });
  });

  it('refuses a driver that grows nothing', () => {
    const message =
      'the CSI driver "d" can\'t grow volumes (neither its controller nor its node service has EXPAND_VOLUME): make a larger claim and copy';
    expect(requestGrowth(order, { ...all, onController: false, onNode: false })).toMatchObject({ kind: 'refused', error: { message } });
  });
});
