import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMaps, namespaces, serviceAccounts } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { Metrics } from '#kit/metrics.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { createServiceAccountsController } from './controller.ts';

describe('API-3: what every namespace has', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController;
  beforeEach(async () => {
    api = await startTestApi();
    informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const deps = { client: informers.client, clock: api.clock, ids: new SystemIds(), log: silentLogger, metrics: new Metrics() };
    running = runController(createServiceAccountsController({ informers, rootCaPem: 'pem' }), { ...deps, events: { record: () => {} } });
    await running.ready;
    await api.client.create(namespaces, { metadata: { name: 'ns' }, spec: {} });
    await settle();
  });
  afterEach(async () => {
    await running.stop();
    informers.stop();
    await api.close();
  });
  const account = { namespace: 'ns', name: 'default' };
  const authority = { namespace: 'ns', name: 'kube-root-ca.crt' };

  it.each(['ns', 'default'])('a service account and the authority in %s', async (namespace) => {
    expect((await api.client.list(serviceAccounts, { namespace })).items.map(({ metadata }) => metadata.name)).toEqual(['default']);
    expect((await api.client.get(configMaps, { ...authority, namespace })).data).toEqual({ 'ca.crt': 'pem' });
  });

  it('comes back after a deletion or a change', async () => {
    const before = await api.client.get(serviceAccounts, account);
    await api.client.delete(serviceAccounts, account);
    await api.client.delete(configMaps, authority);
    await settle();
    expect((await api.client.get(serviceAccounts, account)).metadata.uid).not.toBe(before.metadata.uid);
    await api.client.patch(configMaps, { key: authority, patch: { type: 'merge', body: { data: { 'ca.crt': 'other', x: 'y' } } } });
    await settle();
    expect((await api.client.get(configMaps, authority)).data).toEqual({ 'ca.crt': 'pem' });
  });

  it('goes with the namespace and stays away', async () => {
    await api.client.delete(namespaces, { namespace: '', name: 'ns' });
    await api.client.delete(serviceAccounts, account);
    await settle();
    expect((await api.client.list(serviceAccounts, { namespace: 'ns' })).items).toEqual([]);
  });
});
