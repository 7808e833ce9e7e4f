import type { Endpoints, EndpointSlice, Service } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';

/** Where the API is, as pods reach it. */
export interface ApiEndpoints {
  /** Addresses that are no loopback's; none where pods have no network. */
  readonly addresses: readonly string[];
  readonly port: number;
}

/** The service of the API, and its endpoints (kube-apiserver makes the same: pkg/controlplane/controller/kubernetesservice). */
export const API_SERVICE = { namespace: 'default', name: 'kubernetes' } as const;
/** The first address of the range of services. */
const CLUSTER_IP = '10.96.0.1';
/** Keeps controllers that copy endpoints into slices away: these are written by hand. */
const LABELS = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };

/** The service as it should be. */
export function apiService({ port }: ApiEndpoints): Draft<Service> {
  return {
    metadata: { ...API_SERVICE, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: CLUSTER_IP,
      clusterIPs: [CLUSTER_IP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
    },
  };
}

/** Its endpoints in the older form. */
export function apiEndpoints({ addresses, port }: ApiEndpoints): Draft<Endpoints> {
  const subsets =
    addresses.length === 0 ? [] : [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ name: 'https', port, protocol: 'TCP' }] }];
  return { metadata: { ...API_SERVICE, labels: LABELS }, subsets };
}

/** Its endpoints in the newer form. */
export function apiSlice({ addresses, port }: ApiEndpoints): Draft<EndpointSlice> {
  return {
    metadata: { ...API_SERVICE, labels: { 'kubernetes.io/service-name': API_SERVICE.name } },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
}
