import { describe, expect, it } from 'vitest';
import { DELETION_SECRET_NAME, DELETION_SECRET_NAMESPACE } from '#api/storage/names.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { requestDeletion } from './delete-volume.ts';

describe('VOL-6: requestDeletion', () => {
  it.each([
    { name: 'without a secret', annotations: {}, secret: undefined },
    { name: 'without the empty secret of a class that names none', annotations: { [DELETION_SECRET_NAME]: '' }, secret: undefined },
    {
      name: 'with the secret that it was made with, as far as that is still there',
      annotations: { [DELETION_SECRET_NAME]: 'b', [DELETION_SECRET_NAMESPACE]: 'a' },
      secret: { key: { namespace: 'a', name: 'b' }, isOptional: true },
    },
  ])('asks for the volume to go $name', ({ annotations, secret }) => {
    const volume = aStoredVolume({ driver: 'd', annotations });
    const attempt = { key: 'pv-1', uid: volume.metadata.uid, wish: 'delete' };
    expect(requestDeletion({ volume, driverName: 'd', volumeId: 'h', attempt })).toEqual({
      kind: 'send',
      message: { volumeId: 'h' },
      secret,
    });
  });
});
