import type { Service, ServicePort, ServiceSpec } from '../../generated/kubernetes.ts';
import { formatLabels } from '../../meta/format-selector.ts';
import type { KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1035Label } from '../../meta/validate-name.ts';
import { services } from '../../resources.ts';
import { ageColumn, column, nameColumn, NONE } from '../columns.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { validateServiceSpec, validateServiceUpdate } from './service-validation.ts';

/** How long a client keeps its pod, in seconds (core/v1 `DefaultClientIPServiceAffinitySeconds`). */
const AFFINITY_SEC = 10_800;

/** core/v1 Service. */
export const serviceKind: KindDefinition<Service> = {
  ...PLAIN_KIND,
  resource: services,
  schema: 'io.k8s.api.core.v1.Service',
  subresources: ['status'],
  applyDefaults: (service) => ({ ...service, spec: defaultSpec(service.spec) }),
  prepareForCreate: (service) => ({ ...service, status: { loadBalancer: {} } }),
  prepareForUpdate: keepAddresses,
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1035Label }),
    ...validateServiceSpec(spec),
  ],
  validateUpdate: (next, previous) => validateServiceUpdate(next.spec, previous.spec),
  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type ?? '',
  },
  columns: [
    nameColumn(),
    column({ name: 'Type', description: 'How it is reached.' }, ({ spec }) => spec.type ?? ''),
    column({ name: 'Cluster-IP', description: 'Its address inside the cluster.' }, ({ spec }) => spec.clusterIPs?.[0] ?? NONE),
    column({ name: 'External-IP', description: 'Its address outside of the cluster.' }, externalText),
    column({ name: 'Port(s)', description: 'Its ports, with those of the nodes behind a colon.' }, ({ spec }) =>
      portsText(spec.ports ?? []),
    ),
    ageColumn(),
    column({ name: 'Selector', description: 'Labels of the pods behind it.', isWide: true }, ({ spec }) => {
      const text = formatLabels(spec.selector);
      return text === '' ? NONE : text;
    }),
  ],
};

function defaultSpec(given: ServiceSpec | undefined): ServiceSpec {
  const spec = withDefaults<ServiceSpec>(given, { sessionAffinity: 'None', type: 'ClusterIP' });
  const isExternalName = spec.type === 'ExternalName';
  const isOutside = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs ?? []).length > 0;
  const { clusterIP = '' } = spec;
  return withDefaults<ServiceSpec>(
    withMember(spec, 'ports', (ports) => ports.map(defaultPort)),
    {
      ...(isExternalName ? {} : { internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }),
      ...(isOutside && !isExternalName ? { externalTrafficPolicy: 'Cluster' } : {}),
      ...(spec.type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
      ...(spec.sessionAffinity === 'ClientIP' ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: AFFINITY_SEC } } } : {}),
      ...(clusterIP === '' || isExternalName ? {} : { clusterIPs: [clusterIP] }),
    },
  );
}

function defaultPort(port: ServicePort): ServicePort {
  const hasTarget = port.targetPort !== undefined && port.targetPort !== '' && port.targetPort !== 0;
  return { ...withDefaults(port, { protocol: 'TCP' }), ...(hasTarget ? {} : { targetPort: port.port ?? 0 }) };
}

/** What was given to a service stays its own where an update says nothing of it (core registry service `patchAllocatedValues`). */
function keepAddresses(next: Service, previous: Service): Service {
  const [after, before] = [next.spec, previous.spec];
  if (after === undefined || before === undefined || after.type === 'ExternalName' || before.type === 'ExternalName') return next;
  const { clusterIP = '', clusterIPs = [] } = after;
  const keeps = clusterIP === '' && clusterIPs.length === 0 && before.clusterIP !== undefined;
  const kept = keeps ? { clusterIP: before.clusterIP, clusterIPs: before.clusterIPs } : {};
  const usesNodePorts = (after.type ?? before.type) !== 'ClusterIP';
  const spec = { ...after, ...kept };
  return {
    ...next,
    spec: usesNodePorts ? withMember(spec, 'ports', (ports) => ports.map((port) => keepNodePort(port, before.ports ?? []))) : spec,
  };
}

function keepNodePort(port: ServicePort, before: readonly ServicePort[]): ServicePort {
  if ((port.nodePort ?? 0) !== 0) return port;
  const same = before.find((old) => old.port === port.port && (old.protocol ?? 'TCP') === (port.protocol ?? 'TCP'));
  return same?.nodePort === undefined ? port : { ...port, nodePort: same.nodePort };
}

function externalText({ spec, status }: Service): string {
  const own = (spec.externalIPs ?? []).join(',');
  switch (spec.type) {
    case 'ExternalName':
      return spec.externalName ?? '';
    case 'LoadBalancer': {
      const given = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '');
      const text = [...given, ...(spec.externalIPs ?? [])].join(',');
      return text === '' ? '<pending>' : text;
    }
    default:
      return own === '' ? NONE : own;
  }
}

function portsText(ports: readonly ServicePort[]): string {
  if (ports.length === 0) return NONE;
  return ports.map(({ port, nodePort = 0, protocol }) => `${port}${nodePort > 0 ? `:${nodePort}` : ''}/${protocol}`).join(',');
}
