import { describe, expect, it } from 'vitest';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { claimResize } from './claim-resize.ts';

function claimOf(size: string, phase: string): KubeObject {
  const claim = aStoredClaim();
  const changed = {
    ...claim,
    spec: { ...claim.spec, storageClassName: 'c', volumeName: 'pv-1', resources: { requests: { storage: size } } },
    status: { phase },
  };
  return changed;
}

describe('VOL-9: PersistentVolumeClaimResize', () => {
  const dynamic = aStoredVolume({ name: 'pv-1', driver: 'd' });
  it.each([
    { name: 'a claim that is not bound', phase: 'Pending', allows: true, says: /only bound persistent volume claims can be expanded/ },
    { name: 'a class that does not allow it', phase: 'Bound', allows: false, says: /must support resize: set allowVolumeExpansion: true/ },
    {
      name: 'a volume that is gone',
      phase: 'Bound',
      allows: true,
      volume: undefined,
      says: /fetching associated persistent volume failed/,
    },
    {
      name: 'a volume that nobody grows',
      phase: 'Bound',
      allows: true,
      volume: aStoredVolume({ name: 'pv-1' }),
      says: /volume plugin does not support resize: volume "pv-1" is of kind hostPath/,
    },
  ])('refuses $name', ({ phase, allows, says, ...of }) => {
    const volume = 'volume' in of ? of.volume : dynamic;
    expect(() => claimResize.validate(update('2Gi', phase), viewOf(allows, volume))).toThrow(says);
  });

  it.each([
    { name: 'growth of a bound claim', request: update('2Gi', 'Bound') },
    { name: 'a lowered request', request: update('1Mi', 'Bound') },
    { name: 'a new claim', request: { ...update('2Gi', 'Pending'), verb: 'create' } },
    { name: 'a status', request: { ...update('2Gi', 'Pending'), subresource: 'status' } },
  ])('lets $name pass', ({ request }) => {
    expect(() => claimResize.validate(request, viewOf(true, dynamic))).not.toThrow();
  });
});

type ResizeRequest = Parameters<typeof claimResize.validate>[0];

function update(next: string, phase: string): ResizeRequest {
  return {
    verb: 'update',
    kind: { resource: persistentVolumeClaims },
    subresource: '',
    object: claimOf(next, phase),
    previous: claimOf('1Gi', phase),
  };
}

function viewOf(allowVolumeExpansion: boolean, volume: KubeObject | undefined): Parameters<typeof claimResize.validate>[1] {
  const storageClass = { ...aStoredClass(), allowVolumeExpansion };
  return { get: (resource) => trusted(groupResourceOf(resource) === groupResourceOf(persistentVolumes) ? volume : storageClass) };
}
