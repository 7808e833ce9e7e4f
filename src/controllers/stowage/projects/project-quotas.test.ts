import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROJECT_DEFINITION } from '#api/definitions/projects.ts';
import { type Project, projects } from '#api/generated/definitions.ts';
import { namespaces, persistentVolumeClaims } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { quotaAdmission } from '#machinery/apiserver/admission/quota/quota-admission.ts';
import { QuotaLedger } from '#machinery/apiserver/admission/quota/quota-ledger.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { runController } from '#machinery/runtime/run-controller.ts';
import { openStore } from '#machinery/store/open-store.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { establish } from '#testing/builders/definition.ts';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { PROJECT_QUOTAS } from './project-quotas.ts';
import { createProjectStatusController } from './status-controller.ts';

let api: TestApi<FakeClock>;
let ledger: QuotaLedger;
beforeEach(async () => {
  const clock = new FakeClock();
  const store = await openStore({ engine: new MemoryEngine(), clock, log: silentLogger });
  ledger = new QuotaLedger({ store, clock, kind: PROJECT_QUOTAS });
  api = await startTestApi({ store, clock, admission: [quotaAdmission(ledger, { name: 'ProjectQuota', quota: 'quota of project' })] });
  await establish(api.client, PROJECT_DEFINITION);
  for (const [name, project] of [
    ['one', 'a'],
    ['two', 'a'],
    ['three', 'b'],
    ['loose', ''],
  ] as const)
    await api.client.create(namespaces, { metadata: { name, labels: { 'cpaas.io/project': project } }, spec: {} });
});
afterEach(async () => {
  ledger.close();
  await api.close();
});

type Hard = Readonly<Record<string, string | number>>;
const quota = (name: string, hard: Hard): Promise<Project> =>
  api.client.create(projects, { metadata: { name }, spec: { storageQuota: { hard } } });
/** `place` is NAMESPACE/NAME. */
const claim = (place: string, size: string, storageClassName = 'slow'): Promise<string> => {
  const [namespace = '', name = ''] = place.split('/');
  return api.client.create(persistentVolumeClaims, aClaim({ namespace, name, size, storageClassName })).then(
    () => 'made',
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
};
const remove = async (namespace: string, name: string): Promise<void> => {
  const key = { namespace, name };
  await api.client.patch(persistentVolumeClaims, { key, patch: { type: 'merge', body: { metadata: { finalizers: null } } } });
  await api.client.delete(persistentVolumeClaims, key);
};
const join = (namespace: string, project: string | null): Promise<unknown> =>
  api.client.patch(namespaces, {
    key: { namespace: '', name: namespace },
    patch: { type: 'merge', body: { metadata: { labels: { 'cpaas.io/project': project } } } },
  });
const used = (project: string): Readonly<Record<string, string>> | undefined => ledger.usedOf({ namespace: '', name: project });

describe('VOL-14, CLASS-10: a quota over all namespaces of a project', () => {
  it('counts what is there and what comes, in all of them and in no other', async () => {
    await claim('one/first', '1Gi');
    await claim('three/other', '5Gi');
    await quota('a', { 'requests.storage': '3Gi', persistentvolumeclaims: 10 });
    expect(used('a')).toEqual({ 'requests.storage': '1Gi', persistentvolumeclaims: '1' });
    expect(await claim('two/second', '1Gi')).toBe('made');
    expect(await claim('one/third', '2Gi')).toBe(
      'persistentvolumeclaims "third" is forbidden: exceeded quota of project a, requested: requests.storage=2Gi, used: requests.storage=2Gi, limited: requests.storage=3Gi',
    );
    expect(await claim('three/third', '2Gi')).toBe('made');
    expect(await claim('loose/third', '2Gi')).toBe('made');
    await remove('two', 'second');
    expect(await claim('one/third', '2Gi')).toBe('made');
  });

  it('limits one class alone', async () => {
    await quota('a', { 'fast.storageclass.storage.k8s.io/requests.storage': '1Gi' });
    expect(await claim('one/first', '1Gi', 'fast')).toBe('made');
    expect(await claim('two/second', '1Gi', 'fast')).toContain('exceeded quota of project a');
    expect(await claim('two/second', '9Gi')).toBe('made');
  });

  it('lets in no more of those that come at once than there is room for', async () => {
    await quota('a', { persistentvolumeclaims: '3' });
    const asked = Array.from({ length: 8 }, (_, index) => claim(`${index % 2 === 0 ? 'one' : 'two'}/c-${index}`, '1Gi'));
    expect((await Promise.all(asked)).filter((outcome) => outcome === 'made')).toHaveLength(3);
  });

  it.each<{ name: string; hard: Hard; says: string }>([
    { name: 'another name', hard: { cpu: '1' }, says: 'limits are persistentvolumeclaims' },
    { name: 'no quantity', hard: { 'requests.storage': 'lots' }, says: 'amounts are quantities' },
    { name: 'less than nothing', hard: { 'requests.storage': '-1Gi' }, says: 'amounts are quantities' },
    { name: 'a negative number', hard: { persistentvolumeclaims: -1 }, says: 'amounts are quantities' },
  ])('refuses $name', async ({ hard, says }) => {
    await expect(quota('a', hard)).rejects.toThrow(says);
  });

  it('follows namespaces, claims and limits, whatever changes in any order', async () => {
    const places = ['one', 'two', 'three', 'loose'];
    const step = fc.oneof(
      fc.record({ kind: fc.constant('claim' as const), place: fc.constantFrom(...places), name: fc.constantFrom('x', 'y', 'z') }),
      fc.record({ kind: fc.constant('remove' as const), place: fc.constantFrom(...places), name: fc.constantFrom('x', 'y', 'z') }),
      fc.record({ kind: fc.constant('join' as const), place: fc.constantFrom(...places), project: fc.constantFrom('a', 'b', null) }),
      fc.record({ kind: fc.constant('limit' as const), count: fc.integer({ min: 1, max: 9 }) }),
    );
    await quota('a', { persistentvolumeclaims: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        for (const one of steps) {
          if (one.kind === 'claim') await claim(`${one.place}/${one.name}`, '1Gi');
          if (one.kind === 'remove') await remove(one.place, one.name).catch(() => {});
          if (one.kind === 'join') await join(one.place, one.project);
          if (one.kind === 'limit')
            await api.client.patch(projects, {
              key: { namespace: '', name: 'a' },
              patch: { type: 'merge', body: { spec: { storageQuota: { hard: { persistentvolumeclaims: one.count } } } } },
            });
        }
        const members = (await api.client.list(namespaces)).items.filter(({ metadata }) => metadata.labels?.['cpaas.io/project'] === 'a');
        const names = new Set(members.map(({ metadata }) => metadata.name));
        const claims = (await api.client.list(persistentVolumeClaims)).items.filter(({ metadata }) => names.has(metadata.namespace ?? ''));
        expect(used('a')).toEqual({ persistentvolumeclaims: String(claims.length) });
      }),
      { numRuns: 40 },
    );
  });
});

describe('CLASS-10: the status of a project', () => {
  it('tells its namespaces and what is used, and follows both', async () => {
    const informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const deps = { client: informers.client, clock: api.clock, ids: new SystemIds(), log: silentLogger, metrics: new Metrics() };
    const controller = createProjectStatusController({ informers, clock: api.clock, usage: ledger });
    const running = runController(controller, { ...deps, events: { record: () => {} } });
    await running.ready;
    const status = async (): Promise<Project['status']> => {
      await settle();
      await api.clock.step(200);
      return (await api.client.get(projects, { namespace: '', name: 'a' })).status;
    };
    await quota('a', { 'requests.storage': '3Gi' });
    expect(await status()).toEqual({ namespaces: ['one', 'two'], hard: { 'requests.storage': '3Gi' }, used: { 'requests.storage': '0' } });
    await claim('two/first', '1Gi');
    await join('three', 'a');
    expect(await status()).toEqual({
      namespaces: ['one', 'three', 'two'],
      hard: { 'requests.storage': '3Gi' },
      used: { 'requests.storage': '1Gi' },
    });
    await join('two', null);
    expect(await status()).toEqual({
      namespaces: ['one', 'three'],
      hard: { 'requests.storage': '3Gi' },
      used: { 'requests.storage': '0' },
    });
    await running.stop();
    informers.stop();
  });
});
