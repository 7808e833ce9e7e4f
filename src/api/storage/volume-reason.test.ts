import { describe, expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredVolume, type VolumeOverrides } from '#testing/builders/volume.ts';
import { waitingClaim as claim } from '#testing/builders/explained-cluster.ts';
import { wordsText } from '../explanation.ts';
import { whyVolumeUnfit } from './volume-reason.ts';

describe('whyVolumeUnfit', () => {
  const wants = claim({ size: '10Mi', storageClassName: 'fast', spec: { selector: { matchLabels: { disk: 'ssd' } } } });
  const fits: VolumeOverrides = { size: '10Mi', storageClassName: 'fast', labels: { disk: 'ssd' }, status: { phase: 'Available' } };
  it.each<{ name: string; volume: VolumeOverrides & { readonly deletionTimestamp?: string }; says: RegExp | undefined }>([
    { name: 'fits', volume: {}, says: undefined },
    { name: 'size', volume: { size: '5Mi' }, says: /^too small: it has 5Mi, the claim asks for 10Mi$/ },
    { name: 'mode', volume: { spec: { volumeMode: 'Block' } }, says: /^its volumeMode is Block, the claim asks for Filesystem$/ },
    {
      name: 'attributes',
      volume: { spec: { volumeAttributesClassName: 'gold' } },
      says: /volumeAttributesClassName is "gold", the claim asks for ""/,
    },
    { name: 'deleting', volume: { deletionTimestamp: '2026-01-01T00:00:00Z' }, says: /being deleted/ },
    { name: 'access', volume: { accessModes: ['ReadOnlyMany'] }, says: /^it offers ReadOnlyMany, the claim asks for ReadWriteOnce$/ },
    { name: 'phase', volume: { status: { phase: 'Failed' } }, says: /^its phase is Failed, not Available$/ },
    { name: 'labels', volume: { labels: { disk: 'hdd' } }, says: /spec.selector of the claim does not match its labels \(disk=hdd\)/ },
    { name: 'class', volume: { storageClassName: 'slow' }, says: /^its class is "slow", the claim asks for "fast"$/ },
    {
      name: 'bound',
      volume: { status: { phase: 'Bound' }, claim: aStoredClaim({ name: 'other', uid: 'c-2' }) },
      says: /^bound to the claim default\/other$/,
    },
    {
      name: 'reserved',
      volume: { claim: aStoredClaim({ name: 'other', uid: 'c-2' }) },
      says: /^reserved for the claim default\/other$/,
    },
    {
      name: 'released',
      volume: { status: { phase: 'Released' }, claim: aStoredClaim({ name: 'gone', uid: 'c-2' }) },
      says: /^Released: .* deleted claim default\/gone; remove its spec.claimRef.uid and .* to a new claim default\/gone$/,
    },
  ])('$name', ({ volume, says }) => {
    const reason = whyVolumeUnfit(wants, aStoredVolume({ ...fits, ...volume }));
    if (says === undefined) expect(reason).toBeUndefined();
    else expect(reason && wordsText(reason, 'en')).toMatch(says);
  });
});
