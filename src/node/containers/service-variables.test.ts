import { expect, it } from 'vitest';
import type { Service } from '#api/generated/kubernetes.ts';
import { serviceVariables } from './service-variables.ts';

const metadata = { name: 'my-db', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const service = (spec: Service['spec']): Service => ({ apiVersion: 'v1', kind: 'Service', metadata, spec });

it('API-5: a service is found by its name, and each of its ports as links had it', () => {
  const ports = [
    { port: 5432, name: 'pg-wire' },
    { port: 53, protocol: 'UDP' },
  ];
  expect(Object.fromEntries(serviceVariables(service({ clusterIP: '10.96.0.9', ports })))).toEqual({
    MY_DB_SERVICE_HOST: '10.96.0.9',
    MY_DB_SERVICE_PORT: '5432',
    MY_DB_SERVICE_PORT_PG_WIRE: '5432',
    MY_DB_PORT: 'tcp://10.96.0.9:5432',
    MY_DB_PORT_5432_TCP: 'tcp://10.96.0.9:5432',
    MY_DB_PORT_5432_TCP_PROTO: 'tcp',
    MY_DB_PORT_5432_TCP_PORT: '5432',
    MY_DB_PORT_5432_TCP_ADDR: '10.96.0.9',
    MY_DB_PORT_53_UDP: 'udp://10.96.0.9:53',
    MY_DB_PORT_53_UDP_PROTO: 'udp',
    MY_DB_PORT_53_UDP_PORT: '53',
    MY_DB_PORT_53_UDP_ADDR: '10.96.0.9',
  });
});

it.each([
  { name: 'no address', spec: { ports: [{ port: 1 }] } },
  { name: 'an address of its pods only', spec: { clusterIP: 'None', ports: [{ port: 1 }] } },
  { name: 'no ports', spec: { clusterIP: '10.96.0.9' } },
])('a service with $name has no variables', ({ spec }) => {
  expect(serviceVariables(service(spec))).toEqual([]);
});
