import { isConditionTrue } from '#api/conditions.ts';
import type { Endpoint, EndpointAddress, Endpoints, EndpointSlice, Pod, Service, ServicePort } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { controllerRef } from '../workloads/owners.ts';
import { hashOf } from '../workloads/template-hash.ts';

/** What leads to a service: in the newer form and in the older one. */
export interface ServiceEndpoints {
  readonly slices: readonly Draft<EndpointSlice>[];
  readonly endpoints: Draft<Endpoints>;
}

/** Most endpoints of a slice (kube-controller-manager `--max-endpoints-per-slice`). */
const SLICE_ENDPOINTS = 100;
/** Most addresses that the older form holds (endpoints controller, maxCapacity); more are cut, and an annotation says so. */
const MAX_ADDRESSES = 1_000;
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
/** Says which slices are ours. */
export const MANAGED_BY = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' } as const;
/** The service of a slice. */
export const SERVICE_LABEL = 'kubernetes.io/service-name';
const OLDER_MANAGED_BY = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };

/** True where the platform says what is behind the service: others are filled by hand or lead out of the cluster. */
export function isFilledFromPods({ spec }: Service): boolean {
  return spec?.type !== 'ExternalName' && Object.keys(spec?.selector ?? {}).length > 0;
}

/** What should lead to `service`, whose selector picks `pods`. Pure; the same for the same pods in any order. */
export function planEndpoints(service: Service, pods: readonly Pod[]): ServiceEndpoints {
  const reachable = pods.filter(isReachable).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const groups = groupByPorts(service, reachable);
  return { slices: groups.flatMap((group) => slicesOf(service, group)), endpoints: endpointsOf(service, groups) };
}

/** What of a pod matters to those behind whose service it is. */
export function endpointFacts({ metadata, spec, status }: Pod): unknown {
  const { phase, podIP, conditions } = status ?? {};
  const isReady = isConditionTrue(conditions, 'Ready');
  return [
    metadata.labels,
    metadata.deletionTimestamp !== undefined,
    podIP,
    isReady,
    phase === 'Failed' || phase === 'Succeeded',
    spec.nodeName,
  ];
}

interface PortOfPods {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

/** Pods whose ports are the same numbers: a port by name may be another one in each. */
interface Group {
  readonly ports: readonly PortOfPods[];
  readonly pods: readonly Pod[];
}

function isReachable({ status }: Pod): boolean {
  return (status?.podIP ?? '') !== '' && status?.phase !== 'Failed' && status?.phase !== 'Succeeded';
}

function groupByPorts({ spec }: Service, pods: readonly Pod[]): readonly Group[] {
  const groups = new Map<string, { ports: readonly PortOfPods[]; pods: Pod[] }>();
  for (const pod of pods) {
    const ports = (spec?.ports ?? []).flatMap((port) => portOf(port, pod));
    // why: where none of the ports of a service is the pod's, nothing leads to the pod; a headless service may have no ports at all
    if (ports.length === 0 && (spec?.ports ?? []).length > 0) continue;
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, pods: [] };
    group.pods.push(pod);
    groups.set(key, group);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function portOf({ name = '', port, targetPort, protocol = 'TCP', appProtocol }: ServicePort, { spec }: Pod): readonly PortOfPods[] {
  const number = typeof targetPort === 'string' ? portNamed(spec, targetPort, protocol) : (targetPort ?? port);
  return number === undefined ? [] : [{ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
}

function portNamed({ containers, initContainers = [] }: Pod['spec'], wanted: string, protocol: string): number | undefined {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const ports = [...containers, ...sidecars].flatMap((container) => container.ports ?? []);
  return ports.find((port) => port.name === wanted && (port.protocol ?? 'TCP') === protocol)?.containerPort;
}

function slicesOf(service: Service, { ports, pods }: Group): readonly Draft<EndpointSlice>[] {
  const { name, namespace = '', labels = {}, uid } = service.metadata;
  const count = Math.ceil(pods.length / SLICE_ENDPOINTS);
  return Array.from({ length: count }, (_, index) => ({
    metadata: {
      // why: a name that follows from what it holds is the same after a crash
      name: `${name}-${hashOf([uid, ports, index])}`,
      namespace,
      labels: { ...labels, [SERVICE_LABEL]: name, ...MANAGED_BY, ...headless(service, 'service.kubernetes.io/headless') },
      ownerReferences: [controllerRef({ ...service, apiVersion: 'v1', kind: 'Service' })],
    },
    addressType: 'IPv4',
    endpoints: pods.slice(index * SLICE_ENDPOINTS, (index + 1) * SLICE_ENDPOINTS).map((pod) => endpointOf(service, pod)),
    ports,
  }));
}

function headless({ spec }: Service, label: string): Readonly<Record<string, string>> {
  return spec?.clusterIP === 'None' ? { [label]: '' } : {};
}

function endpointOf(service: Service, pod: Pod): Endpoint {
  const isTerminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isServing(service, pod);
  const hostname = hostnameOf(service, pod);
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: {
      ready: serving && (!isTerminating || service.spec?.publishNotReadyAddresses === true),
      serving,
      terminating: isTerminating,
    },
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: refOf(pod),
  };
}

function isServing({ spec }: Service, { status }: Pod): boolean {
  return spec?.publishNotReadyAddresses === true || isConditionTrue(status?.conditions, 'Ready');
}

/** The name under which a headless service knows the pod. */
function hostnameOf({ metadata }: Service, { spec }: Pod): string | undefined {
  return spec.hostname !== undefined && spec.hostname !== '' && spec.subdomain === metadata.name ? spec.hostname : undefined;
}

function refOf({ metadata }: Pod): NonNullable<Endpoint['targetRef']> {
  return { kind: 'Pod', namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid };
}

function endpointsOf(service: Service, groups: readonly Group[]): Draft<Endpoints> {
  const { name, namespace = '', labels = {} } = service.metadata;
  let left = MAX_ADDRESSES;
  const subsets = groups.flatMap(({ ports, pods }) => {
    // why: the older form has no word for a pod that goes away
    const staying = pods.filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined || service.spec?.publishNotReadyAddresses === true,
    );
    const kept = staying.slice(0, left);
    left -= kept.length;
    const [addresses, notReadyAddresses] = [true, false].map((wanted) =>
      kept.filter((pod) => isServing(service, pod) === wanted).map((pod) => addressOf(service, pod)),
    );
    if (kept.length === 0) return [];
    return [{ ...nonEmpty({ addresses, notReadyAddresses }), ...nonEmpty({ ports }) }];
  });
  const total = groups.reduce((sum, { pods }) => sum + pods.length, 0);
  return {
    metadata: {
      name,
      namespace,
      labels: { ...labels, ...OLDER_MANAGED_BY, ...headless(service, 'service.kubernetes.io/headless') },
      ...(total > MAX_ADDRESSES ? { annotations: { [OVER_CAPACITY]: 'truncated' } } : {}),
      ownerReferences: [controllerRef({ ...service, apiVersion: 'v1', kind: 'Service' })],
    },
    subsets,
  };
}

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const hostname = hostnameOf(service, pod);
  return {
    ip: pod.status?.podIP ?? '',
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: refOf(pod),
  };
}

function nonEmpty<T>(lists: Readonly<Record<string, readonly T[] | undefined>>): Readonly<Record<string, readonly T[]>> {
  return Object.fromEntries(Object.entries(lists).flatMap(([key, list]) => (list === undefined || list.length === 0 ? [] : [[key, list]])));
}
