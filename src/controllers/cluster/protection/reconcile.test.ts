import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aPod } from '#testing/builders/pod.ts';
import { PodLookup } from './pod-lookup.ts';
import { reconcileClaimProtection } from './reconcile.ts';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});
afterEach(async () => api.close());

/** A claim on its way out, as protection sees it whose cache knows these pods. */
async function reconcileDeleted(known: readonly Pod[]): Promise<PersistentVolumeClaim | undefined> {
  const { client, clock } = api;
  const key = keyOf(await client.create(persistentVolumeClaims, aClaim()));
  await client.delete(persistentVolumeClaims, key);
  const { signal } = new AbortController();
  const ctx = { client, clock, ids: new SystemIds(), log: silentLogger, events: { record: () => {} }, signal };
  const cache = trusted<Informer<Pod>>({ byIndex: () => known });
  await reconcileClaimProtection(ctx, await client.get(persistentVolumeClaims, key), { pods: cache, lookup: new PodLookup(client) });
  try {
    return await client.get(persistentVolumeClaims, key);
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

it('VOL-7: a claim that is deleted goes when nobody uses it', async () => {
  expect(await reconcileDeleted([])).toBeUndefined();
});

it('VOL-7: it stays for a pod of which the cache does not know yet', async () => {
  await api.client.create(pods, aPod({ claims: ['data'], nodeName: 'node-1' }));
  expect(await reconcileDeleted([])).toMatchObject({ metadata: { finalizers: ['kubernetes.io/pvc-protection'] } });
});

it('VOL-7: a pod without a node does not keep it', async () => {
  await api.client.create(pods, aPod({ claims: ['data'] }));
  expect(await reconcileDeleted([])).toBeUndefined();
});

it('VOL-10: a pod that the node is done with, and that waits for its claims to go first, does not keep them', async () => {
  const key = keyOf(await api.client.create(pods, { ...aPod({ claims: ['data'], nodeName: 'node-1' }) }));
  await api.client.patch(pods, { key, patch: { type: 'merge', body: { metadata: { finalizers: ['foregroundDeletion'] } } } });
  await api.client.delete(pods, key, { gracePeriodSec: 30 });
  expect(await reconcileDeleted([])).toBeDefined();
  await api.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
  await api.client.delete(pods, key, { gracePeriodSec: 0 });
  const claim = await api.client.get(persistentVolumeClaims, { namespace: 'default', name: 'data' });
  const ctx = {
    client: api.client,
    clock: api.clock,
    ids: new SystemIds(),
    log: silentLogger,
    events: { record: () => {} },
    signal: new AbortController().signal,
  };
  const cache = trusted<Informer<Pod>>({ byIndex: () => [] });
  await reconcileClaimProtection(ctx, claim, { pods: cache, lookup: new PodLookup(api.client) });
  await expect(api.client.get(persistentVolumeClaims, { namespace: 'default', name: 'data' })).rejects.toMatchObject({ code: 'NotFound' });
});
