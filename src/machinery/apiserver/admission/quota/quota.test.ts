import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import { deletedClaims } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim, Pod, ResourceQuotaSpec } from '#api/generated/kubernetes.ts';
import { configMaps, persistentVolumeClaims, pods, resourceQuotas, services } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { establish } from '#testing/builders/definition.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { openStore } from '../../../store/open-store.ts';
import { quotaAdmission, RESOURCE_QUOTA_WORDS } from './quota-admission.ts';
import { RESOURCE_QUOTAS } from './quota-kind.ts';
import { QuotaLedger } from './quota-ledger.ts';

let api: TestApi<FakeClock>;
let ledger: QuotaLedger;
beforeEach(async () => {
  const clock = new FakeClock();
  const store = await openStore({ engine: new MemoryEngine(), clock, log: silentLogger });
  ledger = new QuotaLedger({ store, clock, kind: RESOURCE_QUOTAS });
  api = await startTestApi({ store, clock, admission: [quotaAdmission(ledger, RESOURCE_QUOTA_WORDS)] });
});
afterEach(async () => {
  ledger.close();
  await api.close();
});

const namespace = 'default';
const keyOf = (name: string): { namespace: string; name: string } => ({ namespace, name });
const quota = (hard: Record<string, string>, spec: ResourceQuotaSpec = {}, name = 'q'): Promise<unknown> =>
  api.client.create(resourceQuotas, { metadata: { name, namespace }, spec: { hard, ...spec } });
const claim = (name: string, storage: string, storageClassName?: string): Promise<PersistentVolumeClaim> =>
  api.client.create(persistentVolumeClaims, {
    metadata: { name, namespace },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  });
const pod = (name: string, container: object = {}, spec: object = {}): Promise<Pod> =>
  api.client.create(pods, { metadata: { name, namespace }, spec: { containers: [{ name: 'c', image: 'i', ...container }], ...spec } });
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'made',
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
const used = (name = 'q'): Readonly<Record<string, string>> | undefined => ledger.usedOf(keyOf(name));

describe('VOL-20: deleted claims that can be brought back', () => {
  const deleted = (volume: string, claimUid: string, storage = '6Gi'): Promise<unknown> =>
    api.client.create(deletedClaims, {
      metadata: { name: volume, namespace },
      spec: { claimName: 'a', claimUid, storage, storageClassName: 'gold', deletedAt: TIME, keptUntil: TIME, claim: {} },
    });
  const TIME = '2026-01-01T00:00:00Z';
  const again = (name: string, volumeName: string): Promise<string> =>
    outcome(
      api.client.create(persistentVolumeClaims, {
        metadata: { name, namespace },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '6Gi' } }, storageClassName: 'gold', volumeName },
      }),
    );
  const forget = async (name: string): Promise<void> => {
    await api.client.patch(persistentVolumeClaims, {
      key: keyOf(name),
      patch: { type: 'merge', body: { metadata: { finalizers: null } } },
    });
    await api.client.delete(persistentVolumeClaims, keyOf(name));
  };
  const LIMITS = { 'requests.storage': '10Gi', persistentvolumeclaims: '1', 'gold.storageclass.storage.k8s.io/requests.storage': '6Gi' };
  beforeEach(async () => {
    for (const draft of definitionsOf('deletedclaims.volumes.stowage.dev')) await establish(api.client, draft);
  });

  it('count as the claim did, and a refusal says so', async () => {
    await quota(LIMITS);
    const { metadata } = await claim('a', '6Gi', 'gold');
    await deleted('v', metadata.uid);
    await forget('a');
    expect(used()).toEqual({
      'requests.storage': '6Gi',
      persistentvolumeclaims: '1',
      'gold.storageclass.storage.k8s.io/requests.storage': '6Gi',
    });
    expect(await outcome(claim('b', '1Gi'))).toContain(
      'exceeded quota: q, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=1, limited: persistentvolumeclaims=1; one deleted claim that waits counts in it: stowage undelete --list -n default',
    );
  });

  it('give their place to the claim that is made again with their volume, to one and to no other', async () => {
    await quota(LIMITS);
    const { metadata } = await claim('a', '6Gi', 'gold');
    await deleted('v', metadata.uid);
    await forget('a');
    expect(await again('b', 'w')).toContain('exceeded quota');
    expect(await again('a', 'v')).toBe('made');
    expect(await again('c', 'v')).toContain('exceeded quota');
    await api.client.delete(deletedClaims, keyOf('v'));
    expect(used()).toMatchObject({ persistentvolumeclaims: '1', 'requests.storage': '6Gi' });
  });

  it('take no room but that of the claim that goes', async () => {
    await quota(LIMITS);
    await claim('a', '6Gi', 'gold');
    expect(await outcome(deleted('v', 'another'))).toContain('exceeded quota');
  });
});

describe('API-2: quotas', () => {
  it('VOL-14: refuse what does not fit, in the words of upstream', async () => {
    await quota({ 'requests.storage': '10Gi', persistentvolumeclaims: '2' });
    expect(await outcome(claim('a', '6Gi'))).toBe('made');
    expect(await outcome(claim('b', '5Gi'))).toBe(
      'persistentvolumeclaims "b" is forbidden: exceeded quota: q, requested: requests.storage=5Gi, used: requests.storage=6Gi, limited: requests.storage=10Gi',
    );
    expect(await outcome(claim('b', '4Gi'))).toBe('made');
    expect(await outcome(claim('c', '1'))).toContain('requested: persistentvolumeclaims=1,requests.storage=1');
    expect(used()).toEqual({ 'requests.storage': '10Gi', persistentvolumeclaims: '2' });
  });

  it('VOL-14: count per class, what is there already, and what goes', async () => {
    await claim('a', '1Gi', 'gold');
    await quota({
      'gold.storageclass.storage.k8s.io/requests.storage': '2Gi',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '5',
    });
    expect(await outcome(claim('b', '2Gi', 'gold'))).toContain('exceeded quota');
    expect(await outcome(claim('b', '2Gi', 'silver'))).toBe('made');
    await api.client.patch(persistentVolumeClaims, { key: keyOf('a'), patch: { type: 'merge', body: { metadata: { finalizers: null } } } });
    await api.client.delete(persistentVolumeClaims, keyOf('a'));
    expect(used()).toEqual({
      'gold.storageclass.storage.k8s.io/requests.storage': '0',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '0',
    });
  });

  it('VOL-14: hold for growth, too', async () => {
    await quota({ 'requests.storage': '10Gi' });
    const made = await claim('a', '6Gi');
    await api.client.update(persistentVolumeClaims, { ...made, spec: { ...made.spec, volumeName: 'v' } });
    const bound = await api.client.get(persistentVolumeClaims, keyOf('a'));
    await api.client.update(
      persistentVolumeClaims,
      { ...bound, status: { phase: 'Bound', capacity: { storage: '6Gi' } } },
      { subresource: 'status' },
    );
    const grow = (storage: string): Promise<unknown> =>
      api.client.patch(persistentVolumeClaims, {
        key: keyOf('a'),
        patch: { type: 'merge', body: { spec: { resources: { requests: { storage } } } } },
      });
    expect(await outcome(grow('11Gi'))).toContain('exceeded quota: q, requested: requests.storage=5Gi, used: requests.storage=6Gi');
    expect(await outcome(grow('10Gi'))).toBe('made');
    expect(used()).toEqual({ 'requests.storage': '10Gi' });
    // a growth that was begun holds its size until it is over, also where the request is lowered
    const begun = { status: { allocatedResources: { storage: '10Gi' } } };
    await api.client.patch(persistentVolumeClaims, { key: keyOf('a'), patch: { type: 'merge', body: begun } }, { subresource: 'status' });
    expect(await outcome(grow('7Gi'))).toBe('made');
    expect(used()).toEqual({ 'requests.storage': '10Gi' });
  });

  it('VOL-14: refuse growth beyond the quota of its class with what is used and the limit, and count/ beside it', async () => {
    const hard = { 'gold.storageclass.storage.k8s.io/requests.storage': '8Gi', 'count/persistentvolumeclaims': '2' };
    await quota(hard);
    const made = await claim('a', '6Gi', 'gold');
    await api.client.update(persistentVolumeClaims, { ...made, spec: { ...made.spec, volumeName: 'v' } });
    const bound = await api.client.get(persistentVolumeClaims, keyOf('a'));
    await api.client.update(
      persistentVolumeClaims,
      { ...bound, status: { phase: 'Bound', capacity: { storage: '6Gi' } } },
      { subresource: 'status' },
    );
    const body = { spec: { resources: { requests: { storage: '9Gi' } } } };
    expect(await outcome(api.client.patch(persistentVolumeClaims, { key: keyOf('a'), patch: { type: 'merge', body } }))).toContain(
      'requested: gold.storageclass.storage.k8s.io/requests.storage=3Gi, used: gold.storageclass.storage.k8s.io/requests.storage=6Gi, limited: gold.storageclass.storage.k8s.io/requests.storage=8Gi',
    );
    expect(await outcome(claim('b', '100Gi', 'silver'))).toBe('made');
    expect(await outcome(claim('c', '1Gi', 'silver'))).toContain('limited: count/persistentvolumeclaims=2');
  });

  it('VOL-14: of a VolumeAttributesClass are for the claims that have it, want it or are on the way to it', async () => {
    const scopeSelector = { matchExpressions: [{ scopeName: 'VolumeAttributesClass', operator: 'In', values: ['gold'] }] };
    await quota({ persistentvolumeclaims: '1' }, { scopeSelector });
    const attributed = (name: string, volumeAttributesClassName: string): Promise<PersistentVolumeClaim> =>
      api.client.create(persistentVolumeClaims, {
        metadata: { name, namespace },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeAttributesClassName },
      });
    expect(await outcome(attributed('a', 'gold'))).toBe('made');
    expect(await outcome(attributed('b', 'gold'))).toContain('exceeded quota: q, requested: persistentvolumeclaims=1');
    expect(await outcome(attributed('c', 'silver'))).toBe('made');
    const bound = await api.client.get(persistentVolumeClaims, keyOf('c'));
    await api.client.update(
      persistentVolumeClaims,
      { ...bound, status: { phase: 'Bound', capacity: { storage: '1Gi' }, currentVolumeAttributesClassName: 'silver' } },
      { subresource: 'status' },
    );
    const body = { spec: { volumeAttributesClassName: 'gold' } };
    expect(await outcome(api.client.patch(persistentVolumeClaims, { key: keyOf('c'), patch: { type: 'merge', body } }))).toContain(
      'exceeded quota: q',
    );
  });

  it('count any kind by count/, and services by their ports', async () => {
    await quota({ 'count/configmaps': '1', configmaps: '5', 'services.nodeports': '1', services: '5' });
    const configMap = (name: string): Promise<unknown> => api.client.create(configMaps, { metadata: { name, namespace } });
    expect([await outcome(configMap('a')), await outcome(configMap('b'))]).toEqual(['made', expect.stringContaining('count/configmaps=1')]);
    const service = (name: string): Promise<unknown> =>
      api.client.create(services, { metadata: { name, namespace }, spec: { type: 'NodePort', ports: [{ port: 80 }] } });
    expect([await outcome(service('a')), await outcome(service('b'))]).toEqual(['made', expect.stringContaining('services.nodeports=1')]);
  });

  it('ask pods to say what they need, and forget those that ended', async () => {
    await quota({ 'limits.cpu': '1', pods: '5' });
    expect(await outcome(pod('a'))).toBe('pods "a" is forbidden: failed quota: q: must specify limits.cpu for: c');
    expect(await outcome(pod('a', { resources: { limits: { cpu: '750m' } } }))).toBe('made');
    expect(await outcome(pod('b', { resources: { limits: { cpu: '500m' } } }))).toContain(
      'requested: limits.cpu=500m, used: limits.cpu=750m, limited: limits.cpu=1',
    );
    const made = await api.client.get(pods, keyOf('a'));
    await api.client.update(pods, { ...made, status: { ...made.status, phase: 'Succeeded' } }, { subresource: 'status' });
    expect(used()).toEqual({ 'limits.cpu': '0', pods: '0' });
  });

  it('are for the pods of their scopes', async () => {
    await quota({ pods: '0' }, { scopes: ['BestEffort'] });
    await quota(
      { pods: '0' },
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
      'p',
    );
    expect(await outcome(pod('a'))).toContain('exceeded quota: q');
    expect(await outcome(pod('a', { resources: { requests: { cpu: '1' } } }))).toBe('made');
    expect(await outcome(pod('b', { resources: { requests: { cpu: '1' } } }, { priorityClassName: 'high' }))).toContain(
      'exceeded quota: p',
    );
  });

  it('count nothing for a dry run, and give a place back when a write fails after admission', async () => {
    await quota({ persistentvolumeclaims: '1' });
    const draft = {
      metadata: { name: 'a', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } },
    };
    await api.client.create(persistentVolumeClaims, draft, { isDryRun: true });
    expect(used()).toEqual({ persistentvolumeclaims: '0' });
    const object = await api.client.create(persistentVolumeClaims, draft, { isDryRun: true });
    expect(ledger.reserve({ resource: 'persistentvolumeclaims', key: keyOf('a'), object }, false)).toBeUndefined();
    expect(await outcome(claim('b', '1'))).toContain('exceeded quota');
    await api.clock.step(31_000);
    expect(await outcome(claim('b', '1'))).toBe('made');
  });

  it('are never exceeded, however many ask at once (any sizes)', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 5, maxLength: 20 }), async (sizes) => {
        round += 1;
        const name = `q${round}`;
        const className = `class-${round}`;
        const hard = `${className}.storageclass.storage.k8s.io/requests.storage`;
        await quota({ [hard]: '10Gi' }, {}, name);
        const asked = await Promise.all(sizes.map((size, index) => outcome(claim(`${name}-${index}`, `${size}Gi`, className))));
        const total = sizes.filter((_, index) => asked[index] === 'made').reduce((sum, size) => sum + size, 0);
        expect(total).toBeLessThanOrEqual(10);
        expect(used(name)).toEqual({ [hard]: `${total}Gi` });
        const refused = sizes.filter((_, index) => asked[index] !== 'made');
        if (refused.length > 0) expect(Math.min(...refused) + total).toBeGreaterThan(10 - 4);
      }),
      { numRuns: 15 },
    );
  });
});
