import { describe, expect, it } from 'vitest';
import type { StorageClass } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { claimResize } from './claim-resize.ts';

function claimOf(size: string, phase: string): KubeObject {
  const claim = aStoredClaim();
  const changed = {
    ...claim,
    spec: { ...claim.spec, storageClassName: 'c', resources: { requests: { storage: size } } },
    status: { phase },
  };
  return changed;
}

describe('VOL-9: PersistentVolumeClaimResize', () => {
  it.each([
    {
      name: 'a claim that is not bound',
      phase: 'Pending',
      allows: true,
      next: '2Gi',
      says: /only bound persistent volume claims can be expanded/,
    },
    { name: 'a class that does not allow it', phase: 'Bound', allows: false, next: '2Gi', says: /must support resize/ },
    {
      name: 'every other growth, since nothing would come of it',
      phase: 'Bound',
      allows: true,
      next: '2Gi',
      says: /does not grow volumes yet/,
    },
  ])('refuses $name', ({ phase, allows, next, says }) => {
    const storageClass: StorageClass = { ...aStoredClass(), allowVolumeExpansion: allows };
    const request = {
      verb: 'update',
      kind: { resource: persistentVolumeClaims },
      subresource: '',
      object: claimOf(next, phase),
      previous: claimOf('1Gi', phase),
    };
    expect(() => claimResize.validate(request, { get: () => trusted(storageClass) })).toThrow(says);
  });

  it('lets everything else pass', () => {
    const request = {
      verb: 'update',
      kind: { resource: persistentVolumeClaims },
      subresource: '',
      object: claimOf('1Gi', 'Bound'),
      previous: claimOf('1Gi', 'Bound'),
    };
    expect(() => claimResize.validate(request, { get: () => undefined })).not.toThrow();
    expect(() =>
      claimResize.validate({ ...request, verb: 'create', object: claimOf('2Gi', 'Bound') }, { get: () => undefined }),
    ).not.toThrow();
  });
});
