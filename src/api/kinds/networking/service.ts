import type { Service, ServicePort, ServiceSpec } from '../../generated/kubernetes.ts';
import { formatLabels } from '../../meta/format-selector.ts';
import type { KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1035Label } from '../../meta/validate-name.ts';
import { services } from '../../resources.ts';
import { ageColumn, column, nameColumn, NONE } from '../columns.ts';
import { withDefaults, without, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { carryAllocated, isReachedFromOutside } from './service-update.ts';
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
  prepareForUpdate: carryAllocated,
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
  const named = withDefaults<ServiceSpec>(given, { sessionAffinity: 'None', type: 'ClusterIP' });
  const spec = named.sessionAffinity === 'None' ? without(named, 'sessionAffinityConfig') : named;
  const isExternalName = spec.type === 'ExternalName';
  const { clusterIP = '' } = spec;
  return withDefaults<ServiceSpec>(
    withMember(spec, 'ports', (ports) => ports.map(defaultPort)),
    {
      ...(isExternalName ? {} : { internalTrafficPolicy: 'Cluster', ...defaultFamilies(spec) }),
      ...(isReachedFromOutside(spec) ? { externalTrafficPolicy: 'Cluster' } : {}),
      ...(spec.type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
      ...(spec.sessionAffinity === 'ClientIP' ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: AFFINITY_SEC } } } : {}),
      ...(clusterIP === '' || isExternalName ? {} : { clusterIPs: [clusterIP] }),
    },
  );
}

/** Nobody knows of which family the endpoints are that a user gives a headless service: both, then (core registry service `initIPFamilyFields`). */
function defaultFamilies({ clusterIP, selector = {}, ipFamilyPolicy = '' }: ServiceSpec): Partial<ServiceSpec> {
  const isOpen = clusterIP === 'None' && Object.keys(selector).length === 0;
  const policy = ipFamilyPolicy !== '' ? ipFamilyPolicy : isOpen ? 'RequireDualStack' : 'SingleStack';
  return { ipFamilyPolicy: policy, ipFamilies: isOpen && policy !== 'SingleStack' ? ['IPv4', 'IPv6'] : ['IPv4'] };
}

function defaultPort(port: ServicePort): ServicePort {
  const hasTarget = port.targetPort !== undefined && port.targetPort !== '' && port.targetPort !== 0;
  return { ...withDefaults(port, { protocol: 'TCP' }), ...(hasTarget ? {} : { targetPort: port.port ?? 0 }) };
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
