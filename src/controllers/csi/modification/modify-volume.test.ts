import { describe, expect, it } from 'vitest';
import { MODIFY_SECRET_NAME, MODIFY_SECRET_NAMESPACE } from '#api/storage/names.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { stored } from '#testing/builders/metadata.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { type ModificationOrder, requestModification } from './modify-volume.ts';

const claim = aStoredClaim();
const annotations = { [MODIFY_SECRET_NAME]: 'b', [MODIFY_SECRET_NAMESPACE]: 'a' };
const order: ModificationOrder = {
  claim,
  volume: aStoredVolume({ claim, driver: 'd' }),
  driverName: 'd',
  attributesClass: stored(
    { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttributesClass' },
    { metadata: { name: 'gold' }, driverName: 'd', parameters: { iops: '9' } },
  ),
  isNew: true,
  attempt: { key: 'default/data', uid: claim.metadata.uid, wish: 'gold' },
};

describe('VOL-4: requestModification', () => {
  it.each([
    { name: 'without a secret', given: {}, secret: undefined },
    { name: 'with the secret that the volume names', given: annotations, secret: { key: { namespace: 'a', name: 'b' } } },
    { name: 'without half of a secret', given: { [MODIFY_SECRET_NAME]: 'b' }, secret: undefined },
  ])('asks for the attributes of the class $name', ({ given, secret }) => {
    const volume = aStoredVolume({ claim, driver: 'd', annotations: given });
    const volumeId = volume.spec.csi?.volumeHandle;
    expect(requestModification({ ...order, volume }, new Set(['MODIFY_VOLUME']))).toEqual({
      kind: 'send',
      message: { volumeId, mutableParameters: { iops: '9' } },
      secret,
    });
  });

  it('refuses a driver whose volumes have no attributes that can be changed', () => {
    expect(requestModification(order, new Set(['EXPAND_VOLUME']))).toMatchObject({
      kind: 'refused',
      error: { code: 'InvalidArgument', message: expect.stringContaining('its controller has no MODIFY_VOLUME') },
    });
  });
});
