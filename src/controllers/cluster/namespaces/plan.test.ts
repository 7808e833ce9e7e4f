import { describe, expect, it } from 'vitest';
import type { Namespace } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { type Content, describeFinalizers, describeRemaining, planDeletions, pollDelayMs } from './plan.ts';

const deletionTimestamp = '2026-01-01T00:00:00Z';
const claims: Content = {
  resource: persistentVolumeClaims,
  objects: [aStoredClaim({ name: 'a', finalizers: ['x/b', 'x/a'] }), aStoredClaim({ name: 'b', deletionTimestamp, finalizers: ['x/b'] })],
};
const runningPods: Content = { resource: pods, objects: [aStoredPod({ name: 'web' })] };
const endingPods: Content = { resource: pods, objects: [aStoredPod({ name: 'web', deletionTimestamp })] };

describe('planDeletions', () => {
  it.each([
    { name: 'nothing', contents: [], expected: [] },
    { name: 'what is not going yet', contents: [claims], expected: ['a'] },
    { name: 'pods before the rest', contents: [claims, runningPods], expected: ['web'] },
    { name: 'nothing while pods are going', contents: [claims, endingPods], expected: [] },
  ])('deletes $name', ({ contents, expected }) => {
    expect(planDeletions(contents).map(({ object }) => object.metadata.name)).toEqual(expected);
  });
});

describe('pollDelayMs', () => {
  it.each([
    { name: 'at once', deletedForMs: 0, expected: 200 },
    { name: 'after 8 s', deletedForMs: 8_000, expected: 1_000 },
    { name: 'after a day', deletedForMs: 86_400_000, expected: 10_000 },
    { name: 'with a clock that is behind', deletedForMs: -60_000, expected: 200 },
  ])('is $expected ms $name', ({ deletedForMs, expected }) => {
    const metadata = { name: 'k-1', uid: 'u', resourceVersion: '1', creationTimestamp: deletionTimestamp, deletionTimestamp };
    const namespace: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata, spec: {} };
    expect(pollDelayMs(namespace, Date.parse(deletionTimestamp) + deletedForMs)).toBe(expected);
  });
});

it('names what remains and which finalizers hold it', () => {
  expect(describeRemaining([endingPods, claims])).toBe('pods has 1 resource instances, persistentvolumeclaims has 2 resource instances');
  expect(describeFinalizers([claims])).toBe('x/a in 1 resource instances, x/b in 2 resource instances');
  expect(describeFinalizers([endingPods])).toBe('');
});
