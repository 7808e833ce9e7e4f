import { describe, expect, it } from 'vitest';
import type { Namespace } from '#api/generated/kubernetes.ts';
import { GRACE_FINALIZER } from '#api/undelete/claim-record.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { stored } from '#testing/builders/metadata.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { isLast, planDeletion, planProtection } from './plan-claim.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const deletionTimestamp = '2026-01-01T00:00:00Z';
const claim = aStoredClaim({ volumeName: 'pv-1', finalizers: [GRACE_FINALIZER], deletionTimestamp });
const volume = aStoredVolume({ claim, reclaimPolicy: 'Delete' });
const namespace: Namespace = stored({ apiVersion: 'v1', kind: 'Namespace' }, { metadata: { name: 'default' }, spec: {} });
const going: Namespace = { ...namespace, metadata: { ...namespace.metadata, deletionTimestamp } };
const record = {
  uid: claim.metadata.uid,
  deletedAt: '',
  keptUntil: '2026-01-02T00:00:00Z',
  storage: '1',
  claim: { metadata: {}, spec: {} },
};
const annotations = { 'volumes.stowage.dev/deleted-claim': JSON.stringify(record) };
const view = { volume, namespace, graceMs: 3_600_000, nowMs: NOW_MS };

describe('VOL-20: what is done for a claim that goes', () => {
  it.each([
    { name: 'its volume, written down, told of, then let go', changes: {}, kinds: ['record', 'show', 'release'] },
    { name: 'not told of in a namespace that goes', changes: { namespace: going }, kinds: ['record', 'release'] },
    { name: 'nothing of a class that promises nothing now', changes: { graceMs: undefined }, kinds: ['release'] },
    { name: 'nothing of a claim without a volume', changes: { volume: undefined }, kinds: ['release'] },
    {
      name: 'nothing of a volume that is another claim’s',
      changes: { volume: aStoredVolume({ claim: aStoredClaim({ uid: 'other' }), reclaimPolicy: 'Delete' }) },
      kinds: ['release'],
    },
    {
      name: 'nothing of a volume that is to go itself',
      changes: { volume: aStoredVolume({ claim, reclaimPolicy: 'Delete', deletionTimestamp }) },
      kinds: ['release'],
    },
    {
      name: 'nothing of a volume that is retained',
      changes: { volume: aStoredVolume({ claim, reclaimPolicy: 'Retain' }) },
      kinds: ['release'],
    },
  ])('$name', ({ changes, kinds }) => {
    expect(planDeletion(claim, { ...view, ...changes }).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('what was written down holds, whatever the class says now', () => {
    const known = aStoredVolume({ claim, reclaimPolicy: 'Delete', annotations });
    const [shown, ...rest] = planDeletion(claim, { ...view, volume: known, graceMs: undefined });
    expect(shown).toMatchObject({ kind: 'show', draft: { spec: { keptUntil: '2026-01-02T00:00:00Z' } } });
    expect(rest).toEqual([{ kind: 'release' }]);
  });

  it.each([
    { name: 'by itself', finalizers: [GRACE_FINALIZER], isAlone: true },
    { name: 'and a pod', finalizers: ['kubernetes.io/pvc-protection', GRACE_FINALIZER], isAlone: false },
    { name: 'not at all', finalizers: ['kubernetes.io/pvc-protection'], isAlone: false },
  ])('it is the last that holds it: $name', ({ finalizers, isAlone }) => {
    expect(isLast(aStoredClaim({ finalizers, deletionTimestamp }))).toBe(isAlone);
  });
});

it.each([
  { name: 'gets it', finalizers: [], graceMs: 1_000, isReclaimedHere: true, kinds: ['protect'] },
  { name: 'has it', finalizers: [GRACE_FINALIZER], graceMs: 1_000, isReclaimedHere: true, kinds: [] },
  { name: 'loses it with the class', finalizers: [GRACE_FINALIZER], graceMs: undefined, isReclaimedHere: true, kinds: ['release'] },
  { name: 'keeps it while its driver is away', finalizers: [GRACE_FINALIZER], graceMs: 1_000, isReclaimedHere: false, kinds: [] },
  { name: 'gets none where another deletes its volume', finalizers: [], graceMs: 1_000, isReclaimedHere: false, kinds: [] },
])('VOL-20: a claim that stays $name', ({ finalizers, graceMs, isReclaimedHere, kinds }) => {
  expect(planProtection(aStoredClaim({ finalizers }), { graceMs, isReclaimedHere }).map(({ kind }) => kind)).toEqual(kinds);
});
