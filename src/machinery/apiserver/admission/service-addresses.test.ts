import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Service } from '#api/generated/kubernetes.ts';
import { services } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { openStore } from '../../store/open-store.ts';
import { ServiceAddresses } from './service-addresses.ts';

let api: TestApi;
let addresses: ServiceAddresses;
beforeEach(async () => {
  const clock = new FakeClock();
  const store = await openStore({ engine: new MemoryEngine(), clock, log: silentLogger });
  addresses = new ServiceAddresses({ store, clock });
  api = await startTestApi({ store, clock, admission: [addresses] });
});
afterEach(async () => {
  addresses.close();
  await api.close();
});

const make = (name: string, spec: Service['spec'] = {}): Promise<Service> =>
  api.client.create(services, { metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }], ...spec } });
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );

it('API-2: services that are made at once have addresses and node ports of their own', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, (_, index) => make(`s${index}`, { type: 'NodePort' })));
  expect(new Set(made.map(({ spec }) => spec.clusterIP)).size).toBe(20);
  expect(new Set(made.map(({ spec }) => spec.ports?.[0]?.nodePort)).size).toBe(20);
  expect(made[0]?.spec.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
});

it('API-2: an address belongs to one service, and is free again when that is gone', async () => {
  const [first, second] = await Promise.all([
    messageOf(make('a', { clusterIP: '10.96.7.7' })),
    messageOf(make('b', { clusterIP: '10.96.7.7' })),
  ]);
  const taken =
    'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: provided IP is already allocated';
  expect([first, second]).toEqual(['accepted', taken]);
  await api.client.delete(services, { namespace: 'default', name: 'a' });
  expect((await make('b', { clusterIP: '10.96.7.7' })).spec.clusterIPs).toEqual(['10.96.7.7']);
});

it('API-2: an address outside of the range is refused, and a headless service has none', async () => {
  expect(await messageOf(make('a', { clusterIP: '10.1.1.1' }))).toContain(
    'provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16',
  );
  expect(await messageOf(make('a', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }))).toContain(
    'The range of valid ports is 30000-32767',
  );
  expect((await make('b', { clusterIP: 'None' })).spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
});
