import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endpoints, endpointSlices, services } from '#api/resources.ts';
import type { Resource } from '#api/meta/resource.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { createKubernetesServiceController } from './controller.ts';
import { API_SERVICE } from './plan.ts';

const KINDS: readonly Resource[] = [services, endpoints, endpointSlices];

describe('API-1: the service of the API', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController;
  beforeEach(async () => {
    api = await startTestApi();
    await start(['10.90.0.1'], 7443);
  });
  afterEach(async () => {
    await running.stop();
    informers.stop();
    await api.close();
  });

  async function start(addresses: readonly string[], port: number): Promise<void> {
    informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const deps = { client: informers.client, clock: api.clock, ids: new SystemIds(), log: silentLogger, metrics: new Metrics() };
    const controller = createKubernetesServiceController({ informers, api: { addresses, port } });
    running = runController(controller, { ...deps, events: { record: () => {} } });
    await running.ready;
    await settle();
  }

  it('is there with its endpoints, old and new', async () => {
    expect((await api.client.get(services, API_SERVICE)).spec).toMatchObject({
      clusterIP: '10.96.0.1',
      ports: [{ port: 443, targetPort: 7443 }],
    });
    expect((await api.client.get(endpoints, API_SERVICE)).subsets).toMatchObject([
      { addresses: [{ ip: '10.90.0.1' }], ports: [{ port: 7443 }] },
    ]);
    expect((await api.client.get(endpointSlices, API_SERVICE)).endpoints).toMatchObject([{ addresses: ['10.90.0.1'] }]);
  });

  it('comes back after a deletion', async () => {
    for (const resource of KINDS) await api.client.delete(resource, API_SERVICE);
    await settle();
    for (const resource of KINDS) await api.client.get(resource, API_SERVICE);
  });

  it('follows the API to another port and address, and leaves what others added', async () => {
    const labels = { mine: 'too' };
    await api.client.patch(services, { key: API_SERVICE, patch: { type: 'merge', body: { metadata: { labels } } } });
    await running.stop();
    informers.stop();
    await start([], 8443);
    await settle();
    await settle();
    const { metadata, spec } = await api.client.get(services, API_SERVICE);
    expect(metadata.labels).toMatchObject({ mine: 'too', component: 'apiserver' });
    expect(spec).toMatchObject({ ports: [{ targetPort: 8443 }] });
    expect((await api.client.get(endpoints, API_SERVICE)).subsets ?? []).toEqual([]);
    expect((await api.client.get(endpointSlices, API_SERVICE)).endpoints).toEqual([]);
  });
});
