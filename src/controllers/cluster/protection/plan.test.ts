import { describe, expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import type { Client } from '#machinery/client/client.ts';
import { trusted } from '#kit/json.ts';
import { isVolumeInUse, keepsClaims, planProtection } from './plan.ts';
import { PodLookup } from './pod-lookup.ts';

const FINALIZER = 'kubernetes.io/pvc-protection';
const deletionTimestamp = '2026-01-01T00:00:00Z';

describe('planProtection', () => {
  it.each([
    { name: 'new', object: aStoredClaim(), inUse: false, plan: 'add' },
    { name: 'protected', object: aStoredClaim({ finalizers: [FINALIZER] }), inUse: false, plan: 'leave' },
    { name: 'deleted and used', object: aStoredClaim({ finalizers: [FINALIZER], deletionTimestamp }), inUse: true, plan: 'keep' },
    { name: 'deleted and unused', object: aStoredClaim({ finalizers: [FINALIZER], deletionTimestamp }), inUse: false, plan: 'remove' },
    { name: 'deleted and kept by others only', object: aStoredClaim({ deletionTimestamp }), inUse: false, plan: 'leave' },
  ])('VOL-7: $name → $plan', ({ object, inUse, plan }) => {
    expect(planProtection(object, FINALIZER, inUse)).toBe(plan);
  });
});

it.each([
  { name: 'running', pod: aStoredPod({ nodeName: 'node-1' }), keeps: true },
  { name: 'finished, while it exists', pod: aStoredPod({ nodeName: 'node-1', status: { phase: 'Succeeded' } }), keeps: true },
  { name: 'not scheduled', pod: aStoredPod(), keeps: false },
])('VOL-7: a pod that is $name keeps its claims: $keeps', ({ pod, keeps }) => {
  expect(keepsClaims(pod)).toBe(keeps);
});

it.each([
  { name: 'bound', volume: aStoredVolume({ claim: aStoredClaim(), status: { phase: 'Bound' } }), inUse: true },
  { name: 'about to be bound', volume: aStoredVolume({ claim: aStoredClaim(), status: { phase: 'Available' } }), inUse: true },
  {
    name: 'reserved',
    volume: aStoredVolume({ spec: { claimRef: { name: 'data', namespace: 'default' } }, status: { phase: 'Available' } }),
    inUse: false,
  },
  { name: 'released', volume: aStoredVolume({ claim: aStoredClaim(), status: { phase: 'Released' } }), inUse: false },
])('VOL-7: a volume that is $name is in use: $inUse', ({ volume, inUse }) => {
  expect(isVolumeInUse(volume)).toBe(inUse);
});

it('asks the API once for all questions that wait, and never answers from before the question', async () => {
  const lists: PromiseWithResolvers<unknown>[] = [];
  const list = (): Promise<unknown> => {
    const pending = Promise.withResolvers<unknown>();
    lists.push(pending);
    return pending.promise;
  };
  const lookup = new PodLookup(trusted<Client>({ list }));
  const first = lookup.usedClaims('default');
  await Promise.resolve();
  const later = [lookup.usedClaims('default'), lookup.usedClaims('default'), lookup.usedClaims('default')];
  lists[0]?.resolve({ items: [] });
  expect(await first).toEqual(new Set());
  await new Promise((resolve) => setImmediate(resolve));
  expect(lists).toHaveLength(2);
  lists[1]?.resolve({ items: [aStoredPod({ nodeName: 'node-1', claims: ['data'] })] });
  for (const answer of later) expect(await answer).toEqual(new Set(['default/data']));
});
