import { describe, expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { planUsage, usesClaims } from './plan-usage.ts';

const NOW_MS = Date.parse('2026-03-01T00:00:00Z');
const BEFORE = '2026-01-01T00:00:00Z';
const withUnused = (status?: 'True' | 'False') =>
  aStoredClaim({
    status: {
      phase: 'Bound',
      conditions: [
        { type: 'Resizing', status: 'True', lastTransitionTime: BEFORE },
        ...(status === undefined ? [] : [{ type: 'Unused', status, lastTransitionTime: BEFORE }]),
      ],
    },
  });

describe('VOL-19: whether a claim is used, and since when it is not', () => {
  it.each([
    { name: 'nothing before a pod has used it', claim: withUnused(), isUsed: false, says: undefined },
    { name: 'used by the first pod', claim: withUnused(), isUsed: true, says: 'False PodUsingPVC 2026-03-01T00:00:00Z' },
    { name: 'nothing new while it is used', claim: withUnused('False'), isUsed: true, says: undefined },
    { name: 'unused from now on', claim: withUnused('False'), isUsed: false, says: 'True NoPodsUsingPVC 2026-03-01T00:00:00Z' },
    { name: 'nothing new while it is not', claim: withUnused('True'), isUsed: false, says: undefined },
    { name: 'used again', claim: withUnused('True'), isUsed: true, says: 'False PodUsingPVC 2026-03-01T00:00:00Z' },
  ])('$name', ({ claim, isUsed, says }) => {
    const conditions = planUsage(claim, { isUsed, nowMs: NOW_MS });
    const unused = conditions?.find(({ type }) => type === 'Unused');
    expect(unused && `${unused.status} ${unused.reason} ${unused.lastTransitionTime}`).toBe(says);
    if (conditions !== undefined) expect(conditions[0]).toEqual({ type: 'Resizing', status: 'True', lastTransitionTime: BEFORE });
  });

  it('nothing is written to a claim that is to go', () => {
    const { metadata, ...claim } = withUnused('False');
    const leaving = { ...claim, metadata: { ...metadata, deletionTimestamp: BEFORE } };
    expect(planUsage(leaving, { isUsed: false, nowMs: NOW_MS })).toBeUndefined();
  });

  it.each([
    { name: 'one that has no node', phase: 'Pending', uses: true },
    { name: 'one that runs', phase: 'Running', uses: true },
    { name: 'none that has ended', phase: 'Succeeded', uses: false },
    { name: 'none that has failed', phase: 'Failed', uses: false },
  ])('of pods, $name counts', ({ phase, uses }) => {
    expect(usesClaims(aStoredPod({ status: { phase } }))).toBe(uses);
  });
});
