import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endpoints, endpointSlices, pods, services } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import type { Service } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { createEndpointsController } from './controller.ts';

describe('API-2: services and the pods behind them', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController;
  beforeEach(async () => {
    api = await startTestApi();
    informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const deps = { client: informers.client, clock: api.clock, ids: new SystemIds(), log: silentLogger, metrics: new Metrics() };
    running = runController(createEndpointsController({ informers }), { ...deps, events: { record: () => {} } });
    await running.ready;
    await idle();
  });
  afterEach(async () => {
    await running.stop();
    informers.stop();
    await api.close();
  });
  const key = { namespace: 'default', name: 'shop' };

  async function idle(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      await settle();
      await running.idle();
    }
  }

  async function aPod(name: string, ip: string): Promise<void> {
    const metadata = { name, namespace: 'default', labels: { app: 'shop' } };
    await api.client.create(pods, { metadata, spec: { containers: [{ name: 'main', image: 'busybox' }] } });
    const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] };
    await api.client.patch(pods, { key: { ...key, name }, patch: { type: 'merge', body: { status } } }, { subresource: 'status' });
    await idle();
  }

  const addresses = async (): Promise<readonly string[]> =>
    (await api.client.list(endpointSlices, { namespace: 'default' })).items
      .flatMap((slice) => slice.endpoints ?? [])
      .flatMap((one) => one.addresses);
  const aService = (spec: object = {}): Draft<Service> =>
    trusted({ metadata: key, spec: { selector: { app: 'shop' }, ports: [{ port: 80 }], ...spec } });

  it('follows pods that come, change and go', async () => {
    await api.client.create(services, aService());
    await idle();
    expect((await api.client.get(endpoints, key)).subsets ?? []).toEqual([]);
    await aPod('a', '10.1.0.1');
    await aPod('b', '10.1.0.2');
    expect(await addresses()).toEqual(['10.1.0.1', '10.1.0.2']);
    expect((await api.client.get(endpoints, key)).subsets?.[0]?.addresses?.map(({ ip }) => ip)).toEqual(['10.1.0.1', '10.1.0.2']);
    await api.client.patch(pods, {
      key: { ...key, name: 'a' },
      patch: { type: 'merge', body: { metadata: { labels: { app: 'other' } } } },
    });
    await idle();
    expect(await addresses()).toEqual(['10.1.0.2']);
    await api.client.delete(pods, { ...key, name: 'b' }, { gracePeriodSec: 0 });
    await idle();
    expect(await api.client.list(endpointSlices, { namespace: 'default' })).toMatchObject({ items: [] });
  });

  it('writes nothing again where nothing changed, and mends what others changed', async () => {
    await api.client.create(services, aService());
    await aPod('a', '10.1.0.1');
    const before = api.store.revision;
    await api.client.patch(pods, { key: { ...key, name: 'a' }, patch: { type: 'merge', body: { metadata: { annotations: { x: 'y' } } } } });
    await idle();
    expect(api.store.revision).toBe(before + 1);
    await api.client.delete(endpoints, key);
    await idle();
    expect((await api.client.get(endpoints, key)).subsets).toHaveLength(1);
  });

  it.each([
    { name: 'without a selector', spec: { selector: {} } },
    { name: 'that leads out of the cluster', spec: { type: 'ExternalName', externalName: 'example.com', ports: [] } },
  ])('leaves a service alone $name', async ({ spec }) => {
    await aPod('a', '10.1.0.1');
    await api.client.create(services, aService(spec));
    await idle();
    expect(await addresses()).toEqual([]);
    await expect(api.client.get(endpoints, key)).rejects.toMatchObject({ code: 'NotFound' });
  });
});
