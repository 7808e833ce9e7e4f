import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from '../../generated/kubernetes.ts';
import { formatLabelSelector } from '../../meta/format-selector.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { portNameProblem } from '../../meta/port-name.ts';
import { validateLabelSelector } from '../../meta/validate-label-selector.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { networkPolicies } from '../../resources.ts';
import { ageColumn, column, nameColumn, NONE } from '../columns.ts';
import { withAbsent, withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { isCidr } from './ip-address.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TYPES = ['Egress', 'Ingress'];
const MAX_PORT = 65_535;

/** networking.k8s.io/v1 NetworkPolicy. */
export const networkPolicyKind: KindDefinition<NetworkPolicy> = {
  ...PLAIN_KIND,
  resource: networkPolicies,
  schema: 'io.k8s.api.networking.v1.NetworkPolicy',
  applyDefaults: (policy) => ({ ...policy, spec: defaultSpec(policy.spec) }),
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateLabelSelector(spec.podSelector ?? {}, 'spec.podSelector'),
    ...(spec.ingress ?? []).flatMap(({ ports, from }, index) =>
      validateRule(ports, from, { field: `spec.ingress[${index}]`, peers: 'from' }),
    ),
    ...(spec.egress ?? []).flatMap(({ ports, to }, index) => validateRule(ports, to, { field: `spec.egress[${index}]`, peers: 'to' })),
    ...(spec.policyTypes ?? []).flatMap((type, index) =>
      TYPES.includes(type) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, TYPES)],
    ),
  ],
  columns: [
    nameColumn(),
    column({ name: 'Pod-Selector', description: 'Labels of the pods that it is for.' }, ({ spec }) => {
      const text = formatLabelSelector(spec.podSelector ?? {});
      return text === '' ? NONE : text;
    }),
    ageColumn(),
  ],
};

function defaultSpec(given: NetworkPolicySpec | undefined): NetworkPolicySpec {
  const types = (given?.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  const filled = withDefaults<NetworkPolicySpec>(given, { podSelector: {} });
  const spec = (filled.policyTypes ?? []).length === 0 ? { ...filled, policyTypes: types } : filled;
  const defaultPorts = (ports: readonly NetworkPolicyPort[]): readonly NetworkPolicyPort[] =>
    ports.map((port) => withAbsent(port, { protocol: 'TCP' }));
  return withMember(
    withMember(spec, 'ingress', (rules) => rules.map((rule) => withMember(rule, 'ports', defaultPorts))),
    'egress',
    (rules) => rules.map((rule) => withMember(rule, 'ports', defaultPorts)),
  );
}

function validateRule(
  ports: readonly NetworkPolicyPort[] | undefined,
  peers: readonly NetworkPolicyPeer[] | undefined,
  place: { readonly field: string; readonly peers: string },
): readonly FieldError[] {
  return [
    ...(ports ?? []).flatMap((port, index) => validatePort(port, `${place.field}.ports[${index}]`)),
    ...(peers ?? []).flatMap((peer, index) => validatePeer(peer, `${place.field}.${place.peers}[${index}]`)),
  ];
}

function validatePort({ protocol = '', port, endPort }: NetworkPolicyPort, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (!PROTOCOLS.includes(protocol)) faults.push(notSupported(`${field}.protocol`, protocol, PROTOCOLS));
  if (typeof port === 'number' && (port < 1 || port > MAX_PORT))
    faults.push(invalid(`${field}.port`, port, `must be between 1 and ${MAX_PORT}, inclusive`));
  const nameProblem = typeof port === 'string' ? portNameProblem(port) : undefined;
  if (typeof port === 'string' && nameProblem !== undefined) faults.push(invalid(`${field}.port`, port, nameProblem));
  if (endPort === undefined) return faults;
  if (typeof port !== 'number') return [...faults, invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is not numeric')];
  return endPort < port ? [...faults, invalid(`${field}.endPort`, endPort, 'must be greater than or equal to `port`')] : faults;
}

function validatePeer({ ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer, field: string): readonly FieldError[] {
  if (ipBlock === undefined && podSelector === undefined && namespaceSelector === undefined)
    return [required(field, 'must specify a peer')];
  const faults: FieldError[] = [];
  if (podSelector !== undefined) faults.push(...validateLabelSelector(podSelector, `${field}.podSelector`));
  if (namespaceSelector !== undefined) faults.push(...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`));
  if (ipBlock === undefined) return faults;
  if (podSelector !== undefined || namespaceSelector !== undefined)
    faults.push(forbidden(field, 'may not specify both ipBlock and another peer'));
  return [...faults, ...validateIpBlock(ipBlock, `${field}.ipBlock`)];
}

function validateIpBlock({ cidr = '', except = [] }: Partial<IPBlock>, field: string): readonly FieldError[] {
  const ranges: readonly (readonly [string, string])[] = [
    [`${field}.cidr`, cidr],
    ...except.map((range, index) => [`${field}.except[${index}]`, range] as const),
  ];
  if (cidr === '') return [required(`${field}.cidr`)];
  return ranges
    .filter(([, range]) => !isCidr(range))
    .map(([at, range]) => invalid(at, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'));
}
