import { describe, expect, it } from 'vitest';
import type { Pod, Service, ServiceSpec } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { planEndpoints } from './plan.ts';

const CONTAINERS = [{ name: 'main', ports: [{ name: 'web', containerPort: 8080 }] }];

function aService(spec: Partial<ServiceSpec> = {}): Service {
  const ports = [{ name: 'http', port: 80, targetPort: 'web' }];
  return trusted({
    metadata: { name: 'shop', namespace: 'ns', uid: 'u' },
    spec: { clusterIP: '10.96.1.1', selector: { a: 'b' }, ports, ...spec },
  });
}

function aPod(name: string, parts: { isReady?: boolean; spec?: object; status?: object; metadata?: object } = {}): Pod {
  const conditions = [{ type: 'Ready', status: parts.isReady === false ? 'False' : 'True' }];
  return trusted({
    metadata: { name, namespace: 'ns', uid: `uid-${name}`, ...parts.metadata },
    spec: { containers: CONTAINERS, nodeName: 'node-1', ...parts.spec },
    status: { phase: 'Running', podIP: `10.1.0.${name.length}`, conditions, ...parts.status },
  });
}

const PORTS = [{ name: 'http', port: 8080, protocol: 'TCP' }];

describe('API-2: what leads to a service', () => {
  it('is every pod with an address, ready or not, in both forms', () => {
    const { slices, endpoints } = planEndpoints(aService(), [aPod('bb', { isReady: false }), aPod('a')]);
    expect(slices).toMatchObject([
      {
        addressType: 'IPv4',
        ports: PORTS,
        metadata: { labels: { 'kubernetes.io/service-name': 'shop' }, ownerReferences: [{ kind: 'Service', name: 'shop', uid: 'u' }] },
        endpoints: [
          {
            addresses: ['10.1.0.1'],
            conditions: { ready: true, serving: true, terminating: false },
            targetRef: { name: 'a' },
            nodeName: 'node-1',
          },
          { addresses: ['10.1.0.2'], conditions: { ready: false, serving: false, terminating: false } },
        ],
      },
    ]);
    expect(endpoints.subsets).toMatchObject([{ addresses: [{ ip: '10.1.0.1' }], notReadyAddresses: [{ ip: '10.1.0.2' }], ports: PORTS }]);
  });

  it.each([
    { name: 'a pod without an address', pod: aPod('a', { status: { podIP: '' } }), slices: 0, subsets: 0 },
    { name: 'a pod that has failed', pod: aPod('a', { status: { phase: 'Failed' } }), slices: 0, subsets: 0 },
    { name: 'a pod that is done', pod: aPod('a', { status: { phase: 'Succeeded' } }), slices: 0, subsets: 0 },
    { name: 'a pod without the named port', pod: aPod('a', { spec: { containers: [{ name: 'main' }] } }), slices: 0, subsets: 0 },
    { name: 'a pod that goes away', pod: aPod('a', { metadata: { deletionTimestamp: 'x' } }), slices: 1, subsets: 0 },
  ])('leaves out $name', ({ pod, slices, subsets }) => {
    const planned = planEndpoints(aService(), [pod]);
    expect([planned.slices.length, (planned.endpoints.subsets ?? []).length]).toEqual([slices, subsets]);
  });

  it('says of a pod that goes away that it still serves', () => {
    const { slices } = planEndpoints(aService(), [aPod('a', { metadata: { deletionTimestamp: 'x' } })]);
    expect(slices[0]?.endpoints?.[0]?.conditions).toEqual({ ready: false, serving: true, terminating: true });
  });

  it('takes pods that are not ready for ready where the service asks for it', () => {
    const { slices, endpoints } = planEndpoints(aService({ publishNotReadyAddresses: true }), [aPod('a', { isReady: false })]);
    expect(slices[0]?.endpoints?.[0]?.conditions).toMatchObject({ ready: true, serving: true });
    expect(endpoints.subsets?.[0]?.addresses).toHaveLength(1);
  });

  it('keeps pods apart whose port of that name is another one', () => {
    const other = [{ name: 'main', ports: [{ name: 'web', containerPort: 9090 }] }];
    const { slices } = planEndpoints(aService(), [aPod('a'), aPod('bb', { spec: { containers: other } })]);
    expect(slices.map(({ ports }) => ports?.[0]?.port).toSorted((a = 0, b = 0) => a - b)).toEqual([8080, 9090]);
    expect(new Set(slices.map(({ metadata }) => metadata.name)).size).toBe(2);
  });

  it('names the pods of a headless service, which may have no ports', () => {
    const pod = aPod('web-0', { spec: { hostname: 'web-0', subdomain: 'shop' } });
    const { slices, endpoints } = planEndpoints(aService({ clusterIP: 'None', ports: [] }), [pod]);
    expect(slices[0]).toMatchObject({
      ports: [],
      endpoints: [{ hostname: 'web-0' }],
      metadata: { labels: { 'service.kubernetes.io/headless': '' } },
    });
    expect(endpoints.subsets).toMatchObject([{ addresses: [{ hostname: 'web-0' }] }]);
  });

  it('is cut into slices of a hundred, and the older form at a thousand, the same in any order', () => {
    const pods = Array.from({ length: 1_250 }, (_, index) => aPod(`pod-${String(index).padStart(4, '0')}`));
    const planned = planEndpoints(aService(), pods);
    expect(planned.slices.map(({ endpoints = [] }) => endpoints.length)).toEqual([...Array.from({ length: 12 }, () => 100), 50]);
    expect(planned.endpoints.subsets?.[0]?.addresses).toHaveLength(1_000);
    expect(planned.endpoints.metadata.annotations).toEqual({ 'endpoints.kubernetes.io/over-capacity': 'truncated' });
    expect(planEndpoints(aService(), pods.toReversed())).toEqual(planned);
  });
});
