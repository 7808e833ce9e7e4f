import { describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '#api/generated/kubernetes.ts';
import type { ObjectMeta } from '#api/meta/object.ts';
import { formatFieldError } from '#api/meta/field-error.ts';
import { trusted } from '#kit/json.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { validateClaimTemplates } from './claim-templates.ts';

/** The template `data`: 1Gi of the class `fast`. */
function aTemplate(spec: Partial<PersistentVolumeClaimSpec> = {}, metadata: Partial<ObjectMeta> = {}): PersistentVolumeClaim {
  const claim = aStoredClaim({ size: '1Gi', storageClassName: 'fast', spec: { volumeMode: 'Filesystem', ...spec } });
  return { ...claim, metadata: trusted<ObjectMeta>({ name: 'data', ...metadata }) };
}

const sized = (storage: string): Partial<PersistentVolumeClaimSpec> => ({ resources: { requests: { storage } } });
const faultsOf = (...next: readonly PersistentVolumeClaim[]): readonly string[] =>
  validateClaimTemplates(next, [aTemplate()]).map(formatFieldError);
const AT = 'spec.volumeClaimTemplates[0]';
const MAY =
  'field is immutable: of a claim template only spec.resources.requests.storage (up), spec.volumeAttributesClassName, metadata.labels and metadata.annotations can change';
const ANEW = 'or make a StatefulSet of another name with it and copy the data';

describe('VOL-19: validateClaimTemplates', () => {
  it.each([
    { name: 'nothing', next: aTemplate() },
    { name: 'a larger size', next: aTemplate(sized('2Gi')) },
    { name: 'the same size in other words', next: aTemplate(sized('1024Mi')) },
    { name: 'another class of attributes', next: aTemplate({ volumeAttributesClassName: 'gold' }) },
    { name: 'labels and annotations', next: aTemplate({}, { labels: { a: 'b' }, annotations: { c: 'd' } }) },
  ])('lets $name be', ({ next }) => {
    expect(faultsOf(next)).toEqual([]);
  });

  it.each([
    {
      name: 'a smaller size',
      next: aTemplate(sized('500Mi')),
      fault: `${AT}.spec.resources.requests.storage: Invalid value: "500Mi": can not be less than 1Gi, which it was before, for volumes can only grow: give 1Gi or more, ${ANEW}`,
    },
    {
      name: 'another class',
      next: aTemplate({ storageClassName: 'slow' }),
      fault: `${AT}.spec.storageClassName: Invalid value: "slow": ${MAY}; keep "fast", ${ANEW}`,
    },
    {
      name: 'another class, in the annotation of old',
      next: aTemplate({}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'slow' } }),
      fault: `${AT}.metadata.annotations.volume.beta.kubernetes.io/storage-class: Invalid value: "slow": ${MAY}; leave it out, ${ANEW}`,
    },
    {
      name: 'another mode of the volume',
      next: aTemplate({ volumeMode: 'Block' }),
      fault: `${AT}.spec.volumeMode: Invalid value: "Block": ${MAY}; keep "Filesystem", ${ANEW}`,
    },
    {
      name: 'other access modes',
      next: aTemplate({ accessModes: ['ReadWriteMany'] }),
      fault: `${AT}.spec.accessModes: Invalid value: ["ReadWriteMany"]: ${MAY}; keep ["ReadWriteOnce"], ${ANEW}`,
    },
    {
      name: 'a limit',
      next: aTemplate({ resources: { requests: { storage: '1Gi' }, limits: { storage: '2Gi' } } }),
      fault: expect.stringMatching(/^spec\.volumeClaimTemplates\[0\]\.spec\.resources: Invalid value: .*field is immutable/),
    },
    {
      name: 'finalizers',
      next: aTemplate({}, { finalizers: ['a/b'] }),
      fault: `${AT}.metadata.finalizers: Invalid value: ["a/b"]: ${MAY}; leave it out, ${ANEW}`,
    },
    {
      name: 'its status',
      next: { ...aTemplate(), status: { phase: 'Lost' } },
      fault: `${AT}.status: Invalid value: {"phase":"Lost"}: ${MAY}; leave it out, ${ANEW}`,
    },
    {
      name: 'no size',
      next: aTemplate({ resources: {} }),
      fault: `${AT}.spec.resources[storage]: Required value`,
    },
    {
      name: 'a size that is none',
      next: aTemplate(sized('big')),
      fault: expect.stringMatching(/resources\[storage\]: Invalid value: "big"/),
    },
    {
      name: 'a wrong label',
      next: aTemplate({}, { labels: { a: '-' } }),
      fault: expect.stringMatching(/metadata\.labels\.a: Invalid value: "-"/),
    },
    {
      name: 'another name',
      next: aTemplate({}, { name: 'logs' }),
      fault: `spec.volumeClaimTemplates: Invalid value: ["logs"]: templates can't be added, removed, renamed or put in another order: keep ["data"], ${ANEW}`,
    },
  ])('refuses $name in words', ({ next, fault }) => {
    expect(faultsOf(next)).toEqual([fault]);
  });

  it('refuses templates that come or go', () => {
    expect(faultsOf(aTemplate(), aTemplate({}, { name: 'logs' }))).toEqual([
      expect.stringMatching(/^spec\.volumeClaimTemplates: Invalid value/),
    ]);
    expect(faultsOf()).toEqual([expect.stringMatching(/keep \["data"\]/)]);
  });
});
