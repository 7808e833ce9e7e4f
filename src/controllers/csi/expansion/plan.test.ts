import { describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { planExpansion } from './plan.ts';

interface Case {
  readonly asks: string;
  readonly has?: string;
  readonly volumeHas?: string;
  readonly status?: string;
  readonly allocated?: string;
  readonly error?: 'ControllerResizeError';
}

function claimOf({ asks, has = '1Gi', status, allocated, error }: Case): PersistentVolumeClaim {
  return aStoredClaim({
    size: asks,
    volumeName: 'pv-1',
    status: {
      phase: 'Bound',
      capacity: { storage: has },
      ...(status === undefined ? {} : { allocatedResourceStatuses: { storage: status } }),
      ...(allocated === undefined ? {} : { allocatedResources: { storage: allocated } }),
      ...(error === undefined ? {} : { conditions: [{ type: error, status: 'True' }] }),
    },
  });
}

function volumeOf(claim: PersistentVolumeClaim, size: string): PersistentVolume {
  return aStoredVolume({ size, claim, driver: 'd' });
}

describe('VOL-9: planExpansion', () => {
  it.each<Case & { readonly name: string; readonly size: string; readonly isNew: boolean; readonly failed?: string }>([
    { name: 'a first growth', asks: '2Gi', size: '2Gi', isNew: true },
    {
      name: 'the same after a crash',
      asks: '2Gi',
      status: 'ControllerResizeInProgress',
      allocated: '2Gi',
      size: '2Gi',
      isNew: false,
    },
    {
      name: 'the recorded size before a newer one, while the driver has not had its last word',
      asks: '3Gi',
      status: 'ControllerResizeInProgress',
      allocated: '2Gi',
      size: '2Gi',
      isNew: false,
    },
    {
      name: 'the newer size after the driver failed for good',
      asks: '3Gi',
      status: 'ControllerResizeInProgress',
      allocated: '9Gi',
      error: 'ControllerResizeError',
      size: '3Gi',
      isNew: true,
    },
    {
      name: 'the lowered size after an infeasible one',
      asks: '2Gi',
      status: 'ControllerResizeInfeasible',
      allocated: '900Gi',
      error: 'ControllerResizeError',
      size: '2Gi',
      isNew: true,
    },
    {
      name: 'an infeasible size again',
      asks: '900Gi',
      status: 'ControllerResizeInfeasible',
      allocated: '900Gi',
      error: 'ControllerResizeError',
      size: '900Gi',
      isNew: false,
      failed: 'controller',
    },
    {
      name: 'the recorded size where the volume was written and the status was not',
      asks: '2Gi',
      volumeHas: '2Gi',
      status: 'ControllerResizeInProgress',
      allocated: '2Gi',
      size: '2Gi',
      isNew: false,
    },
    {
      name: 'the recorded size where the request was lowered after the volume had grown',
      asks: '2Gi',
      volumeHas: '4Gi',
      status: 'ControllerResizeInProgress',
      allocated: '4Gi',
      size: '4Gi',
      isNew: false,
    },
    {
      name: 'what a node could not make',
      asks: '2Gi',
      volumeHas: '2Gi',
      status: 'NodeResizeInfeasible',
      allocated: '2Gi',
      size: '2Gi',
      isNew: false,
      failed: 'node',
    },
    {
      name: 'what a node could not make, before what is asked for since',
      asks: '3Gi',
      volumeHas: '2Gi',
      status: 'NodeResizeInfeasible',
      allocated: '2Gi',
      size: '2Gi',
      isNew: false,
      failed: 'node',
    },
    { name: 'a second growth', asks: '3Gi', has: '2Gi', volumeHas: '2Gi', allocated: '2Gi', size: '3Gi', isNew: true },
  ])('grows: $name', ({ size, isNew, failed, ...of }) => {
    const claim = claimOf(of);
    const volume = volumeOf(claim, of.volumeHas ?? of.has ?? '1Gi');
    expect(planExpansion(claim, volume)).toEqual({ kind: 'grow', volume, driverName: 'd', size, isNew, failed });
  });

  it.each<Case & { readonly name: string }>([
    { name: 'what is large enough', asks: '1Gi' },
    { name: 'what waits for its node', asks: '2Gi', volumeHas: '2Gi', status: 'NodeResizePending', allocated: '2Gi' },
    {
      name: 'what its node works on, whatever is asked for meanwhile',
      asks: '5Gi',
      volumeHas: '2Gi',
      status: 'NodeResizeInProgress',
      allocated: '2Gi',
    },
  ])('leaves $name', (of) => {
    const claim = claimOf(of);
    expect(planExpansion(claim, volumeOf(claim, of.volumeHas ?? '1Gi'))).toEqual({ kind: 'leave' });
  });

  it('leaves a claim that goes, and a volume of another claim or without a driver', () => {
    const claim = claimOf({ asks: '2Gi' });
    const going = { ...claim, metadata: { ...claim.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    const other = aStoredClaim({ uid: 'another', name: 'other' });
    expect(planExpansion(going, volumeOf(claim, '1Gi'))).toEqual({ kind: 'leave' });
    expect(planExpansion(claim, volumeOf(other, '1Gi'))).toEqual({ kind: 'leave' });
    expect(planExpansion(claim, aStoredVolume({ size: '1Gi', claim }))).toEqual({ kind: 'leave' });
    expect(planExpansion(claim, undefined)).toEqual({ kind: 'leave' });
  });

  it('takes the note of the size before off a volume whose growth is over', () => {
    const claim = claimOf({ asks: '1Gi' });
    const volume = aStoredVolume({
      size: '1Gi',
      claim,
      driver: 'd',
      annotations: { 'volume.alpha.kubernetes.io/pre-resize-capacity': '1Mi' },
    });
    expect(planExpansion(claim, volume)).toEqual({ kind: 'settle', volume });
  });
});
