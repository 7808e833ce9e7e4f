import { expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { planVolume } from './plan-volume.ts';

const claim = aStoredClaim();
const byController = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
const provisioned = { 'pv.kubernetes.io/provisioned-by': 'local.stowage.dev' };

it.each([
  { name: 'free', volume: aStoredVolume(), claim: undefined, plan: { kind: 'phase', phase: 'Available' } },
  {
    name: 'reserved by name',
    volume: aStoredVolume({ spec: { claimRef: { namespace: 'default', name: 'data' } } }),
    claim: undefined,
    plan: { kind: 'phase', phase: 'Available' },
  },
  { name: 'bound', volume: aStoredVolume({ claim }), claim: aStoredClaim({ volumeName: 'pv-1' }), plan: { kind: 'phase', phase: 'Bound' } },
  { name: 'being bound', volume: aStoredVolume({ claim }), claim, plan: { kind: 'leave' } },
  {
    name: 'of another mode than its claim',
    volume: aStoredVolume({ claim, spec: { volumeMode: 'Block' } }),
    claim,
    plan: { kind: 'complain' },
  },
  { name: 'without its claim', volume: aStoredVolume({ claim }), claim: undefined, plan: { kind: 'phase', phase: 'Released' } },
  {
    name: 'Failed, and stays so',
    volume: aStoredVolume({ claim, status: { phase: 'Failed' } }),
    claim: undefined,
    plan: { kind: 'leave' },
  },
  {
    name: 'passed over by a claim that the controller chose',
    volume: aStoredVolume({ claim, annotations: byController }),
    claim: aStoredClaim({ volumeName: 'pv-2' }),
    plan: { kind: 'unbind', keepReservation: 'none' },
  },
  {
    name: 'passed over by a claim that the user chose',
    volume: aStoredVolume({ claim }),
    claim: aStoredClaim({ volumeName: 'pv-2' }),
    plan: { kind: 'unbind', keepReservation: 'by-name' },
  },
  {
    name: 'provisioned in vain',
    volume: aStoredVolume({ claim, annotations: provisioned, reclaimPolicy: 'Delete' }),
    claim: aStoredClaim({ volumeName: 'pv-2' }),
    plan: { kind: 'phase', phase: 'Released' },
  },
  {
    name: 'provisioned, and deleted before its claim had it',
    volume: aStoredVolume({ claim, annotations: provisioned, reclaimPolicy: 'Delete', deletionTimestamp: '2026-01-01T00:00:00Z' }),
    claim,
    plan: { kind: 'phase', phase: 'Released' },
  },
  {
    name: 'deleted while it is being bound',
    volume: aStoredVolume({
      claim,
      annotations: provisioned,
      reclaimPolicy: 'Delete',
      deletionTimestamp: '2026-01-01T00:00:00Z',
      status: { phase: 'Bound' },
    }),
    claim,
    plan: { kind: 'leave' },
  },
  {
    name: 'deleted while it was being bound, and nobody goes on',
    volume: aStoredVolume({
      claim,
      annotations: provisioned,
      reclaimPolicy: 'Delete',
      deletionTimestamp: '2026-01-01T00:00:00Z',
      status: { phase: 'Bound' },
    }),
    claim,
    facts: { isAbandoned: true },
    plan: { kind: 'phase', phase: 'Released' },
  },
])('VOL-1: a volume that is $name', ({ volume, claim: found, facts, plan }) => {
  expect(planVolume(volume, found, facts)).toMatchObject(plan);
});
