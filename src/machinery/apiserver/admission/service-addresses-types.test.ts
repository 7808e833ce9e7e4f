import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service, ServiceSpec } from '#api/generated/kubernetes.ts';
import { services } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { openStore } from '../../store/open-store.ts';
import { ServiceAddresses } from './service-addresses.ts';

let api: TestApi;
let addresses: ServiceAddresses;
beforeAll(async () => {
  const clock = new FakeClock();
  const store = await openStore({ engine: new MemoryEngine(), clock, log: silentLogger });
  addresses = new ServiceAddresses({ store, clock });
  api = await startTestApi({ store, clock, admission: [addresses] });
});
afterAll(async () => {
  addresses.close();
  await api.close();
});

type Form = 'ClusterIP' | 'headless' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
/** What a client writes for a form, and as a patch for the way to it. */
const WRITTEN: Readonly<Record<Form, { readonly spec: ServiceSpec; readonly patch: object }>> = {
  ClusterIP: { spec: {}, patch: { type: 'ClusterIP', clusterIP: null } },
  headless: { spec: { clusterIP: 'None' }, patch: { type: 'ClusterIP', clusterIP: 'None' } },
  NodePort: { spec: { type: 'NodePort' }, patch: { type: 'NodePort' } },
  LoadBalancer: { spec: { type: 'LoadBalancer' }, patch: { type: 'LoadBalancer' } },
  ExternalName: { spec: { type: 'ExternalName', externalName: 'a.b' }, patch: { type: 'ExternalName', externalName: 'a.b' } },
};

const KEPT = 'spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set';
const noAddress = (type: string): string => `spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for ${type} services`;
/** What kube-apiserver answers: the form that comes of it, or why not. */
const WAYS: readonly (readonly [from: Form, to: Form, outcome: string])[] = [
  ['ClusterIP', 'headless', KEPT],
  ['ClusterIP', 'NodePort', 'NodePort'],
  ['ClusterIP', 'LoadBalancer', 'LoadBalancer'],
  ['ClusterIP', 'ExternalName', 'ExternalName'],
  ['headless', 'ClusterIP', 'headless'],
  ['headless', 'NodePort', noAddress('NodePort')],
  ['headless', 'LoadBalancer', noAddress('LoadBalancer')],
  ['headless', 'ExternalName', 'ExternalName'],
  ['NodePort', 'ClusterIP', 'ClusterIP'],
  ['NodePort', 'headless', KEPT],
  ['NodePort', 'LoadBalancer', 'LoadBalancer'],
  ['NodePort', 'ExternalName', 'ExternalName'],
  ['LoadBalancer', 'ClusterIP', 'ClusterIP'],
  ['LoadBalancer', 'headless', KEPT],
  ['LoadBalancer', 'NodePort', 'NodePort'],
  ['LoadBalancer', 'ExternalName', 'ExternalName'],
  ['ExternalName', 'ClusterIP', 'ClusterIP'],
  ['ExternalName', 'headless', 'headless'],
  ['ExternalName', 'NodePort', 'NodePort'],
  ['ExternalName', 'LoadBalancer', 'LoadBalancer'],
];

const OF_NODES = { nodePort: true, outside: 'Cluster' };
/** What a form has, and nothing else of it. */
const HAS: Readonly<Record<string, object>> = {
  ClusterIP: { address: '10.96', family: 'IPv4' },
  headless: { address: 'None', family: 'IPv4' },
  NodePort: { address: '10.96', family: 'IPv4', ...OF_NODES },
  LoadBalancer: { address: '10.96', family: 'IPv4', ...OF_NODES, balanced: true },
  ExternalName: {},
};

/** The form of a service that has just what the form has. */
function formOf({ spec, status }: Service): string {
  const { type = '', clusterIP, clusterIPs, ipFamilies, externalTrafficPolicy, allocateLoadBalancerNodePorts, ports = [] } = spec;
  const form = clusterIP === 'None' ? 'headless' : type;
  expect({
    address: clusterIP?.replace(/(\.\d+){2}$/, ''),
    family: ipFamilies?.[0],
    outside: externalTrafficPolicy,
    balanced: allocateLoadBalancerNodePorts,
    nodePort: ports[0]?.nodePort === undefined ? undefined : ports[0].nodePort >= 30_000,
  }).toEqual(HAS[form]);
  expect(clusterIPs).toEqual(clusterIP === undefined ? undefined : [clusterIP]);
  expect(status).toEqual({ loadBalancer: {} });
  return form;
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message.replace(/^.*? is invalid: /, '') : '');

let count = 0;
async function make(spec: ServiceSpec): Promise<Service> {
  count += 1;
  const metadata = { name: `s${count}`, namespace: 'default' };
  return api.client.create(services, { metadata, spec: { selector: { a: 'b' }, ports: [{ port: 80 }], ...spec } });
}

describe('API-2: a service changes its type as upstream lets it', () => {
  it.each(WAYS)('from %s to %s by PATCH: %s', async (from, to, outcome) => {
    const { metadata } = await make(WRITTEN[from].spec);
    const patch = { type: 'merge', body: { spec: WRITTEN[to].patch } } as const;
    const done = api.client.patch(services, { key: { namespace: 'default', name: metadata.name }, patch });
    expect(await done.then(formOf, messageOf)).toBe(outcome);
  });

  it.each(WAYS)('from %s to %s by PUT: %s', async (from, to, outcome) => {
    const { metadata } = await make(WRITTEN[from].spec);
    const spec: ServiceSpec = { selector: { a: 'b' }, ports: [{ port: 80 }], ...WRITTEN[to].spec };
    const done = api.client.update(services, { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, resourceVersion: '' }, spec });
    expect(await done.then(formOf, messageOf)).toBe(outcome);
  });
});

describe('API-2: a service that is balanced on its own nodes alone', () => {
  const local: ServiceSpec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
  const change = (name: string, spec: object): Promise<Service> =>
    api.client.patch(services, { key: { namespace: 'default', name }, patch: { type: 'merge', body: { spec } } });

  it('has a port for questions after its health, as long as it is one', async () => {
    const { metadata, spec } = await make(local);
    expect(spec.healthCheckNodePort).toBeGreaterThanOrEqual(30_000);
    await expect(change(metadata.name, { healthCheckNodePort: 30_999 })).rejects.toThrow(
      'spec.healthCheckNodePort: Forbidden: field is immutable',
    );
    expect((await change(metadata.name, { healthCheckNodePort: null })).spec.healthCheckNodePort).toBe(spec.healthCheckNodePort);
    const { spec: after } = await change(metadata.name, { externalTrafficPolicy: 'Cluster' });
    expect(after).not.toHaveProperty('healthCheckNodePort');
    await expect(make({ ...WRITTEN.NodePort.spec, healthCheckNodePort: 30_998 })).rejects.toThrow(
      "spec.healthCheckNodePort: Invalid value: 30998: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    );
  });

  it('keeps its class, and loses it with its type', async () => {
    const { metadata } = await make({ ...local, loadBalancerClass: 'a.b/c' });
    await expect(change(metadata.name, { loadBalancerClass: 'a.b/d' })).rejects.toThrow('may not change once set');
    const { spec } = await change(metadata.name, { type: 'NodePort' });
    expect(spec).not.toHaveProperty('loadBalancerClass');
    expect(spec).not.toHaveProperty('healthCheckNodePort');
    expect(spec.externalTrafficPolicy).toBe('Local');
    await expect(change(metadata.name, { loadBalancerSourceRanges: ['10.0.0.0/8'] })).rejects.toThrow(
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    );
  });
});
