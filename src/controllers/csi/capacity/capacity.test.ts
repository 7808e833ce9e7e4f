import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CSIStorageCapacity } from '#api/generated/kubernetes.ts';
import { csiDrivers, csiNodes, csiStorageCapacities, namespaces, persistentVolumes, storageClasses } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { GetCapacityRequest, GetCapacityResponse } from '#protocols/csi/generated/messages.ts';
import { UnimplementedController } from '#protocols/csi/unimplemented.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aVolume } from '#testing/builders/volume.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { connected, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { nodes } from '#api/resources.ts';
import { createCapacityController } from './controller.ts';

const DRIVER = 'd.example';
const ZONE = 'topology.example/zone';
const GIB = 2n ** 30n;

/** Has so much left in each zone; a zone without a number does not answer. */
class Zones extends UnimplementedController {
  readonly free = new Map<string, bigint>();
  readonly requests: GetCapacityRequest[] = [];

  override async getCapacity(request: GetCapacityRequest): Promise<GetCapacityResponse> {
    this.requests.push(request);
    const free = this.free.get(request.accessibleTopology?.segments?.[ZONE] ?? '');
    if (free === undefined) throw new PlatformError({ code: 'Unavailable', reason: 'Silent', message: 'no answer' });
    return { availableCapacity: free, maximumVolumeSize: free };
  }
}

let api: TestApi<FakeClock>;
let informers: InformerFactory;
let running: RunningController;
let zones: Zones;
let drivers: Map<string, CsiClient>;
let table: ReturnType<typeof connected>;

beforeEach(async () => {
  api = await startTestApi();
  zones = new Zones();
  for (const [zone, free] of [
    ['a', 10n * GIB],
    ['b', 3n * GIB],
  ] as const) {
    zones.free.set(zone, free);
    await api.client.create(nodes, aNode({ name: `n-${zone}`, labels: { [ZONE]: zone } }));
    const drivers = [{ name: DRIVER, nodeID: zone, topologyKeys: [ZONE] }];
    await api.client.create(csiNodes, { metadata: { name: `n-${zone}` }, spec: { drivers } });
  }
  await api.client.create(namespaces, { metadata: { name: 'kube-system' }, spec: {} });
  await api.client.create(csiDrivers, { metadata: { name: DRIVER }, spec: { storageCapacity: true } });
  await api.client.create(
    storageClasses,
    aClass({ name: 'fast', provisioner: DRIVER, parameters: { type: 'ssd', 'csi.storage.k8s.io/fstype': 'xfs' } }),
  );
  informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
  const driver = Object.assign(new FakeDriver(), { controller: zones });
  drivers = new Map([[DRIVER, driver]]);
  table = connected(drivers);
  running = runController(createCapacityController({ informers, drivers: table }), {
    client: informers.client,
    clock: api.clock,
    ids: new SystemIds(),
    log: silentLogger,
    events: { record: () => {} },
    metrics: new Metrics(),
  });
  await running.ready;
  await api.clock.step(0);
});
afterEach(async () => {
  await running.stop();
  informers.stop();
  await api.close();
});

async function published(): Promise<Record<string, string | undefined>> {
  const { items } = await api.client.list(csiStorageCapacities, { namespace: 'kube-system' });
  const zoneOf = ({ nodeTopology }: CSIStorageCapacity): string => nodeTopology?.matchLabels?.[ZONE] ?? '';
  return Object.fromEntries(items.map((object) => [`${object.storageClassName} ${zoneOf(object)}`, object.capacity]));
}

it('VOL-16: says for each class and place what the driver has left', async () => {
  expect(await published()).toEqual({ 'fast a': '10Gi', 'fast b': '3Gi' });
  expect(zones.requests[0]?.parameters).toEqual({ type: 'ssd' });
});

it('looks again after a minute, and a second after volumes changed', async () => {
  zones.free.set('a', 9n * GIB);
  await api.clock.step(59_000);
  expect((await published())['fast a']).toBe('10Gi');
  await api.clock.step(1_000);
  expect((await published())['fast a']).toBe('9Gi');
  zones.free.set('a', 8n * GIB);
  for (const name of ['x', 'y', 'z']) await api.client.create(persistentVolumes, aVolume({ name, driver: DRIVER }));
  const asked = zones.requests.length;
  await api.clock.step(1_000);
  expect((await published())['fast a']).toBe('8Gi');
  expect(zones.requests.length - asked).toBe(2);
});

it('says what a driver has left as soon as it is connected, although nothing else changes', async () => {
  const driver = new FakeDriver();
  drivers.clear();
  await api.client.create(storageClasses, aClass({ name: 'slow', provisioner: DRIVER }));
  await api.clock.step(60_000);
  expect((await published())['slow a']).toBeUndefined();
  drivers.set(DRIVER, Object.assign(driver, { controller: zones }));
  table.announce(DRIVER);
  await api.clock.step(1_000);
  expect((await published())['slow a']).toBe('10Gi');
});

it('a place that does not answer keeps what it said, and holds up no other', async () => {
  zones.free.delete('a');
  zones.free.set('b', GIB);
  await api.clock.step(60_000);
  expect(await published()).toEqual({ 'fast a': '10Gi', 'fast b': '1Gi' });
});

it.each([
  { name: 'the class', gone: () => api.client.delete(storageClasses, { namespace: '', name: 'fast' }), left: {} },
  {
    name: 'a place',
    gone: () =>
      api.client.patch(csiNodes, { key: { namespace: '', name: 'n-b' }, patch: { type: 'merge', body: { spec: { drivers: [] } } } }),
    left: { 'fast a': '10Gi' },
  },
])('takes away what is about $name that is gone', async ({ gone, left }) => {
  await gone();
  await api.clock.step(60_000);
  expect(await published()).toEqual(left);
});
