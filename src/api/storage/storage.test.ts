import { describe, expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { aStoredNode } from '#testing/builders/node.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { classOfClaim } from './claim.ts';
import { defaultClassFor } from './default-class.ts';
import { matchesNodeSelector } from './node-selector.ts';
import { isVolumeOfClaim, sourceOf } from './volume.ts';

describe('defaultClassFor', () => {
  const older = aStoredClass({ name: 'older', role: 'default', creationTimestamp: '2026-01-01T00:00:00Z' });
  const newer = aStoredClass({ name: 'newer', role: 'default', creationTimestamp: '2026-01-02T00:00:00Z' });
  const twin = aStoredClass({ name: 'a-twin', role: 'default', creationTimestamp: '2026-01-02T00:00:00Z' });
  it.each([
    { name: 'none is marked', claim: aStoredClaim(), classes: [aStoredClass()], chosen: undefined },
    { name: 'one is marked', claim: aStoredClaim(), classes: [aStoredClass(), older], chosen: 'older' },
    { name: 'several: the newest', claim: aStoredClaim(), classes: [newer, older], chosen: 'newer' },
    { name: 'of the same age: the first by name', claim: aStoredClaim(), classes: [newer, twin, older], chosen: 'a-twin' },
    {
      name: 'one is marked the old way',
      claim: aStoredClaim(),
      classes: [aStoredClass(), aStoredClass({ name: 'old', annotations: { 'storageclass.beta.kubernetes.io/is-default-class': 'true' } })],
      chosen: 'old',
    },
    {
      name: 'one says that it is not',
      claim: aStoredClaim(),
      classes: [aStoredClass({ annotations: { 'storageclass.kubernetes.io/is-default-class': 'false' } })],
      chosen: undefined,
    },
    { name: 'the claim names one', claim: aStoredClaim({ storageClassName: 'fast' }), classes: [older], chosen: undefined },
    { name: 'the claim wants none', claim: aStoredClaim({ storageClassName: '' }), classes: [older], chosen: undefined },
    {
      name: 'the claim names one the old way',
      claim: aStoredClaim({ annotations: { 'volume.beta.kubernetes.io/storage-class': 'x' } }),
      classes: [older],
      chosen: undefined,
    },
  ])('VOL-5: $name', ({ claim, classes, chosen }) => {
    expect(defaultClassFor(claim, classes)).toBe(chosen);
  });
});

describe('matchesNodeSelector', () => {
  const node = aStoredNode({ labels: { disk: 'ssd', rank: '7' } });
  it.each([
    { name: 'no terms', terms: [], matches: false },
    { name: 'an empty term', terms: [{}], matches: false },
    {
      name: 'any of the terms',
      terms: [
        { matchExpressions: [{ key: 'disk', operator: 'In', values: ['hdd'] }] },
        { matchExpressions: [{ key: 'disk', operator: 'Exists' }] },
      ],
      matches: true,
    },
    {
      name: 'all requirements of a term',
      terms: [
        {
          matchExpressions: [
            { key: 'disk', operator: 'Exists' },
            { key: 'gpu', operator: 'Exists' },
          ],
        },
      ],
      matches: false,
    },
    { name: 'a number', terms: [{ matchExpressions: [{ key: 'rank', operator: 'Gt', values: ['6'] }] }], matches: true },
    { name: "the node's name", terms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }], matches: true },
    {
      name: 'an operator that is none',
      terms: [{ matchExpressions: [{ key: 'disk', operator: 'Like', values: ['ssd'] }] }],
      matches: false,
    },
  ])('$name: $matches', ({ terms, matches }) => {
    expect(matchesNodeSelector({ nodeSelectorTerms: terms }, node)).toBe(matches);
  });
});

it('the class annotation wins over the field', () => {
  expect(classOfClaim(aStoredClaim({ storageClassName: 'a', annotations: { 'volume.beta.kubernetes.io/storage-class': 'b' } }))).toBe('b');
});

it.each([
  { name: 'name and UID', ref: { namespace: 'default', name: 'data', uid: 'u-1' }, isOf: true },
  { name: 'name alone', ref: { namespace: 'default', name: 'data' }, isOf: true },
  { name: 'another UID', ref: { namespace: 'default', name: 'data', uid: 'u-2' }, isOf: false },
  { name: 'another namespace', ref: { namespace: 'other', name: 'data' }, isOf: false },
])('a volume is of a claim by $name: $isOf', ({ ref, isOf }) => {
  expect(isVolumeOfClaim(aStoredVolume({ spec: { claimRef: ref } }), aStoredClaim({ uid: 'u-1' }))).toBe(isOf);
});

it('names the source of a volume', () => {
  expect([sourceOf(aStoredVolume()), sourceOf(aStoredVolume({ driver: 'x' }))]).toEqual(['hostPath', 'csi']);
});
