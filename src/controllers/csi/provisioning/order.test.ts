import { describe, expect, it } from 'vitest';
import type { StorageClass } from '#api/generated/kubernetes.ts';
import { aStoredClaim, type ClaimOverrides } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { stored } from '#testing/builders/metadata.ts';
import { orderUnfilled, orderVolume, type OrderView, type Refusal } from './order.ts';

const DRIVER = 'local.stowage.dev';
const attributesOf = (driverName: string) =>
  stored({ apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttributesClass' }, { metadata: { name: 'gold' }, driverName });
const copy = { dataSource: { kind: 'PersistentVolumeClaim', name: 'other' } };

describe('orderVolume', () => {
  it('carries all that is asked for', () => {
    const storageClass = aStoredClass({ provisioner: DRIVER, parameters: { pool: 'ssd' } });
    const attributesClass = attributesOf(DRIVER);
    const claim = aStoredClaim({ spec: { volumeAttributesClassName: 'gold' } });
    expect(orderVolume(claim, storageClass, { attributesClass })).toEqual({
      ok: true,
      value: { storageClass, parameters: { forDriver: { pool: 'ssd' }, fsType: '', secrets: {} }, attributesClass, source: undefined },
    });
  });

  it.each<{ name: string; claim?: ClaimOverrides; storageClass?: StorageClass; view?: OrderView; about: Refusal['about']; says: string }>([
    { name: 'a class that can not be read', view: { classProblem: 'zones' }, about: 'class', says: 'zones' },
    { name: 'a selector', claim: { spec: { selector: { matchLabels: { a: 'b' } } } }, about: 'claim', says: 'Selector is not supported' },
    {
      name: 'a reserved parameter',
      storageClass: aStoredClass({ provisioner: DRIVER, parameters: { 'csi.storage.k8s.io/colour': 'red' } }),
      about: 'class',
      says: 'found unknown parameter key "csi.storage.k8s.io/colour"',
    },
    {
      name: 'attributes that are not there',
      claim: { spec: { volumeAttributesClassName: 'gold' } },
      about: 'attributesClass',
      says: 'VAC "gold" does not exist',
    },
    {
      name: 'attributes of another driver',
      claim: { spec: { volumeAttributesClassName: 'gold' } },
      view: { attributesClass: attributesOf('d') },
      about: 'attributesClass',
      says: 'VAC "gold" is for the driver "d"',
    },
    {
      name: 'a source that is not there',
      claim: { spec: copy },
      view: { source: { kind: 'claim', claim: undefined, volume: undefined } },
      about: 'source',
      says: 'spec.dataSource PersistentVolumeClaim "other": it does not exist',
    },
  ])('VOL-4: refuses $name', ({ claim, storageClass = aStoredClass({ provisioner: DRIVER }), view = {}, about, says }) => {
    const order = orderVolume(aStoredClaim(claim), storageClass, view);
    expect(order).toEqual({ ok: false, error: { about, problem: expect.stringContaining(says) } });
  });

  it('leaves the source out of it where what was begun is looked for', () => {
    const view: OrderView = { source: { kind: 'claim', claim: undefined, volume: undefined } };
    expect(orderUnfilled(aStoredClaim({ spec: copy }), aStoredClass({ provisioner: DRIVER }), view).ok).toBe(true);
  });
});
