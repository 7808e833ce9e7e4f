import { describe, expect, it } from 'vitest';
import { formatTime } from '#kit/clock.ts';
import { aStoredClaim, type ClaimOverrides } from '#testing/builders/claim.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { claimRecordOf, DELETED_CLAIM, isKept, recordClaim } from './claim-record.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const record = (overrides: ClaimOverrides, size = '10Mi') =>
  recordClaim(aStoredClaim({ volumeName: 'pv-1', ...overrides }), {
    volume: aStoredVolume({ size }),
    nowMs: NOW_MS,
    graceMs: 3_600_000,
    format: formatTime,
  });

describe('VOL-20: what is written down of a deleted claim', () => {
  it('is what people wrote, and not what controllers noted', () => {
    const annotations = { 'example.com/a': '1', 'pv.kubernetes.io/bind-completed': 'yes', 'volume.kubernetes.io/selected-node': 'n' };
    const spec = { dataSource: { kind: 'PersistentVolumeClaim', name: 'other' } };
    const { record: kept, left } = record({ labels: { app: 'shop' }, annotations, spec });
    expect(left).toEqual([]);
    expect(kept).toMatchObject({ keptUntil: '2026-01-01T01:00:00Z', storage: '10Mi', uid: 'persistentvolumeclaim-default-data' });
    expect(kept.claim).toEqual({
      metadata: { labels: { app: 'shop' }, annotations: { 'example.com/a': '1' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } },
    });
  });

  it('asks for no more than the volume has where a growth was never done, and counts all the same', () => {
    const { record: kept } = record({ size: '20Mi', status: { allocatedResources: { storage: '30Mi' } } });
    expect([kept.claim.spec.resources?.requests?.['storage'], kept.storage]).toEqual(['10Mi', '30Mi']);
  });

  it('has the attributes that the volume has, where a change of them was never done', () => {
    const spec = { volumeAttributesClassName: 'gold' };
    expect(record({ spec }).record.claim.spec.volumeAttributesClassName).toBeUndefined();
  });

  it('leaves out annotations for which there is no room, the largest, and names them', () => {
    const { record: kept, left } = record({ annotations: { 'example.com/a': '1', 'example.com/b': 'x'.repeat(200_000) } });
    expect([Object.keys(kept.claim.metadata.annotations), left]).toEqual([['example.com/a'], ['example.com/b']]);
  });

  it.each([
    { name: 'no JSON', text: '{' },
    { name: 'something else', text: '[]' },
    { name: 'half of it', text: '{"uid":"u"}' },
    { name: 'no time', text: '{"uid":"u","deletedAt":"","keptUntil":"soon","storage":"1","claim":{}}' },
  ])('is refused in words where it is $name', ({ text }) => {
    const volume = aStoredVolume({ annotations: { [DELETED_CLAIM]: text } });
    expect([isKept(volume), claimRecordOf(volume)]).toEqual([
      true,
      { ok: false, error: expect.stringContaining('is not as Stowage wrote it') },
    ]);
  });
});
