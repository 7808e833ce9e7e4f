import { describe, expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { deletionGraceMsOf, isPassingClaim, validateDeletionGrace } from './deletion-grace.ts';

const HOUR_MS = 3_600_000;

describe('VOL-20: the grace of a class', () => {
  it.each([
    { text: '72h', graceMs: 72 * HOUR_MS },
    { text: '1h30m', graceMs: 1.5 * HOUR_MS },
    { text: '1s', graceMs: 1_000 },
    { text: '8760h', graceMs: 8_760 * HOUR_MS },
    ...['', '0', '0s', '999ms', '-1h', '3d', '72', '8760h1s', 'always'].map((text) => ({ text, graceMs: undefined })),
  ])('"$text" is $graceMs ms', ({ text, graceMs }) => {
    const storageClass = aStoredClass({ annotations: { 'stowage.dev/deletion-grace': text } });
    expect(deletionGraceMsOf(storageClass)).toBe(graceMs);
    expect(validateDeletionGrace(storageClass).map(({ field, value }) => [field, value])).toEqual(
      graceMs === undefined ? [['metadata.annotations[stowage.dev/deletion-grace]', text]] : [],
    );
  });

  it('is none where the class says nothing, and is refused where volumes are kept anyway', () => {
    expect([deletionGraceMsOf(aStoredClass()), validateDeletionGrace(aStoredClass())]).toEqual([undefined, []]);
    const kept = aStoredClass({ reclaimPolicy: 'Retain', annotations: { 'stowage.dev/deletion-grace': '72h' } });
    expect(
      validateDeletionGrace(kept)
        .map(({ detail }) => detail)
        .join(),
    ).toContain('kept anyway: leave it out');
  });
});

it('VOL-20: what a populator fills comes and goes with the claim that is filled', () => {
  const annotations = { 'populators.stowage.dev/claim': 'shop/data' };
  expect(isPassingClaim(aStoredClaim({ namespace: 'stowage-populators', name: 'prime-u', annotations }))).toBe(true);
  expect(isPassingClaim(aStoredClaim({ namespace: 'shop', annotations }))).toBe(false);
  expect(isPassingClaim(aStoredClaim())).toBe(false);
});
