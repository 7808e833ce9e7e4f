import type { ServicePort, ServiceSpec } from '../../generated/kubernetes.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { portNameProblem } from '../../meta/port-name.ts';
import type { FieldError } from '../../meta/kind.ts';
import { validateLabels } from '../../meta/validate-labels.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '../../meta/validate-name.ts';
import { isCidr, isIpAddress } from './ip-address.ts';
import { isReachedFromOutside, needsHealthCheck } from './service-update.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES = ['ClientIP', 'None'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const MAX_PORT = 65_535;
const HEADLESS = 'None';
/** The first is what services have addresses of. */
const FAMILIES = ['IPv4', 'IPv6'];
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** Faults of what a service asks for (core validation `ValidateService`). */
export function validateServiceSpec(spec: ServiceSpec): readonly FieldError[] {
  const { type = '', sessionAffinity = '', externalIPs = [] } = spec;
  return [
    ...validateAddresses(spec),
    ...validatePorts(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...(AFFINITIES.includes(sessionAffinity) ? [] : [notSupported('spec.sessionAffinity', sessionAffinity, AFFINITIES)]),
    ...externalIPs.flatMap((address, index) => (isIpAddress(address) ? [] : [invalid(`spec.externalIPs[${index}]`, address, ADDRESS)])),
    ...(TYPES.includes(type) ? [] : [notSupported('spec.type', type, TYPES)]),
    ...validateBalancer(spec),
    ...validatePolicies(spec),
  ];
}

function validateAddresses(spec: ServiceSpec): readonly FieldError[] {
  const { type, clusterIPs = [] } = spec;
  if (type === 'ExternalName') return validateExternalName(spec);
  const faults = [...validateFirstAddress(spec)];
  clusterIPs.forEach((address, index) => {
    if (index === 0 && address === HEADLESS) {
      if (clusterIPs.length > 1) faults.push(invalid('spec.clusterIPs', clusterIPs, "'None' must be the first and only value"));
    } else if (!isIpAddress(address)) faults.push(invalid(`spec.clusterIPs[${index}]`, address, ADDRESS));
  });
  if (clusterIPs.length > 2) faults.push(invalid('spec.clusterIPs', clusterIPs, 'may only hold up to 2 values'));
  return [...faults, ...validateFamilies(spec)];
}

function validateFirstAddress({ type, clusterIP = '', clusterIPs = [] }: ServiceSpec): readonly FieldError[] {
  const faults: FieldError[] = [];
  const isHeadless = clusterIPs.length === 1 && clusterIPs[0] === HEADLESS;
  if (isHeadless && (type === 'NodePort' || type === 'LoadBalancer'))
    faults.push(invalid('spec.clusterIPs[0]', HEADLESS, `may not be set to 'None' for ${type} services`));
  if (clusterIP === '' && clusterIPs.length > 0)
    faults.push(invalid('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified'));
  if (clusterIP !== '' && clusterIPs[0] !== clusterIP)
    faults.push(invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
  return faults;
}

/** Services have addresses of IPv4 alone. */
function validateFamilies({ clusterIP, selector = {}, ipFamilies = [], ipFamilyPolicy = '' }: ServiceSpec): readonly FieldError[] {
  const faults: FieldError[] = [];
  const isOpen = clusterIP === HEADLESS && Object.keys(selector).length === 0;
  ipFamilies.forEach((family, index) => {
    const field = `spec.ipFamilies[${index}]`;
    if (!FAMILIES.includes(family)) faults.push(notSupported(field, family, FAMILIES));
    else if (ipFamilies.indexOf(family) !== index) faults.push(duplicate(field, family));
    else if (family !== FAMILIES[0] && !isOpen) faults.push(invalid(field, family, 'not configured on this cluster'));
  });
  const field = 'spec.ipFamilyPolicy';
  if (!FAMILY_POLICIES.includes(ipFamilyPolicy)) faults.push(notSupported(field, ipFamilyPolicy, FAMILY_POLICIES));
  else if (ipFamilyPolicy === 'SingleStack' && ipFamilies.length === 2)
    faults.push(invalid(field, ipFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"));
  else if (ipFamilyPolicy === 'RequireDualStack' && !isOpen)
    faults.push(invalid(field, ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  return faults;
}

function validateExternalName(spec: ServiceSpec): readonly FieldError[] {
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy, externalName = '' } = spec;
  const given = {
    clusterIPs: clusterIP !== '' || clusterIPs.length > 0,
    ipFamilies: ipFamilies.length > 0,
    ipFamilyPolicy: ipFamilyPolicy !== undefined,
  };
  const faults: FieldError[] = Object.entries(given).flatMap(([name, isGiven]) =>
    isGiven ? [forbidden(`spec.${name}`, 'may not be set for ExternalName services')] : [],
  );
  if (externalName === '') return [...faults, required('spec.externalName')];
  return [
    ...faults,
    ...dns1123Subdomain(externalName.replace(/\.$/, '')).map((fault) => invalid('spec.externalName', externalName, fault)),
  ];
}

function validatePorts(spec: ServiceSpec): readonly FieldError[] {
  const { ports = [], type, clusterIP } = spec;
  if (ports.length === 0) return type === 'ExternalName' || clusterIP === HEADLESS ? [] : [required('spec.ports')];
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`;
    const faults = [...validatePort(port, at), ...validatePortName(port.name ?? '', at, ports.length > 1)];
    const { name = '', protocol, port: number } = port;
    if (name !== '' && names.has(name)) faults.push(duplicate(`${at}.name`, name));
    if (numbers.has(`${protocol} ${number}`)) faults.push(duplicate(at, { protocol, port: number }));
    if (type === 'ClusterIP' && (port.nodePort ?? 0) !== 0)
      faults.push(forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    const ofNodes = `${protocol} ${port.nodePort}`;
    if ((port.nodePort ?? 0) !== 0 && nodePorts.has(ofNodes)) faults.push(duplicate(`${at}.nodePort`, port.nodePort));
    names.add(name);
    numbers.add(`${protocol} ${number}`);
    nodePorts.add(ofNodes);
    return faults;
  });
}

function validatePortName(name: string, at: string, isNeeded: boolean): readonly FieldError[] {
  if (name === '') return isNeeded ? [required(`${at}.name`)] : [];
  return dns1123Label(name).map((fault) => invalid(`${at}.name`, name, fault));
}

function validatePort({ port = 0, protocol, targetPort, nodePort = 0 }: Partial<ServicePort>, at: string): readonly FieldError[] {
  return [
    ...validateNumber(port, `${at}.port`),
    ...(PROTOCOLS.includes(protocol ?? '') ? [] : [notSupported(`${at}.protocol`, protocol, PROTOCOLS)]),
    ...validateTarget(targetPort, `${at}.targetPort`),
    ...(nodePort === 0 ? [] : validateNumber(nodePort, `${at}.nodePort`)),
  ];
}

function validateNumber(port: number, field: string): readonly FieldError[] {
  return port >= 1 && port <= MAX_PORT ? [] : [invalid(field, port, `must be between 1 and ${MAX_PORT}, inclusive`)];
}

function validateTarget(target: number | string | undefined, field: string): readonly FieldError[] {
  if (typeof target === 'number') return validateNumber(target, field);
  const problem = target === undefined ? undefined : portNameProblem(target);
  return problem === undefined ? [] : [invalid(field, target, problem)];
}

/** What only a balancer has. */
function validateBalancer(spec: ServiceSpec): readonly FieldError[] {
  const { type, loadBalancerSourceRanges = [], allocateLoadBalancerNodePorts, loadBalancerClass } = spec;
  const isBalanced = type === 'LoadBalancer';
  const only = "may only be used when `type` is 'LoadBalancer'";
  return [
    // why the capital: the field is spelt so in upstream's answers
    ...(loadBalancerSourceRanges.length > 0 && !isBalanced ? [forbidden('spec.LoadBalancerSourceRanges', only)] : []),
    ...loadBalancerSourceRanges.flatMap((range, index) =>
      isCidr(range.trim()) ? [] : [invalid(`spec.LoadBalancerSourceRanges[${index}]`, range.trim(), CIDR)],
    ),
    ...(allocateLoadBalancerNodePorts !== undefined && !isBalanced ? [forbidden('spec.allocateLoadBalancerNodePorts', only)] : []),
    ...(loadBalancerClass === undefined
      ? []
      : isBalanced
        ? qualifiedName(loadBalancerClass).map((fault) => invalid('spec.loadBalancerClass', loadBalancerClass, fault))
        : [forbidden('spec.loadBalancerClass', only)]),
    ...validateHealthCheck(spec),
  ];
}

function validateHealthCheck(spec: ServiceSpec): readonly FieldError[] {
  const { healthCheckNodePort = 0 } = spec;
  // why nothing where none is given: it is given one later
  if (healthCheckNodePort === 0) return [];
  const field = 'spec.healthCheckNodePort';
  return needsHealthCheck(spec)
    ? validateNumber(healthCheckNodePort, field)
    : [invalid(field, healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")];
}

function validatePolicies(spec: ServiceSpec): readonly FieldError[] {
  const { internalTrafficPolicy, externalTrafficPolicy, trafficDistribution } = spec;
  const isInside = externalTrafficPolicy !== undefined && !isReachedFromOutside(spec);
  return [
    ...(isInside
      ? [invalid('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services')]
      : []),
    ...Object.entries({ internalTrafficPolicy, ...(isInside ? {} : { externalTrafficPolicy }) }).flatMap(([name, policy]) =>
      policy === undefined || policy === 'Cluster' || policy === 'Local'
        ? []
        : [notSupported(`spec.${name}`, policy, ['Cluster', 'Local'])],
    ),
    ...(trafficDistribution === undefined || DISTRIBUTIONS.includes(trafficDistribution)
      ? []
      : [notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS)]),
  ];
}

/** An address stays as long as the service has one, a class and a port of health checks as long as it is balanced (core validation `ValidateServiceUpdate`). */
export function validateServiceUpdate(next: ServiceSpec, previous: ServiceSpec): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (next.type !== 'ExternalName' && previous.type !== 'ExternalName') faults.push(...validateKeptAddress(next, previous));
  const areBalanced = next.type === 'LoadBalancer' && previous.type === 'LoadBalancer';
  if (areBalanced && next.loadBalancerClass !== previous.loadBalancerClass)
    faults.push(invalid('spec.loadBalancerClass', next.loadBalancerClass ?? null, 'may not change once set'));
  if (needsHealthCheck(next) && needsHealthCheck(previous) && (next.healthCheckNodePort ?? 0) !== (previous.healthCheckNodePort ?? 0))
    faults.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  return faults;
}

function validateKeptAddress(next: ServiceSpec, previous: ServiceSpec): readonly FieldError[] {
  const [after, before] = [next.clusterIPs ?? [], previous.clusterIPs ?? []];
  const first = before[0];
  if (first === undefined || after[0] === first) return [];
  const detail = after.length === 0 ? 'primary clusterIP can not be unset' : 'may not change once set';
  return [invalid('spec.clusterIPs[0]', after, detail)];
}
