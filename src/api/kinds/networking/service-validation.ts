import type { ServicePort, ServiceSpec } from '../../generated/kubernetes.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { validateLabels } from '../../meta/validate-labels.ts';
import { dns1123Label, dns1123Subdomain } from '../../meta/validate-name.ts';
import { isIpAddress } from './ip-address.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES = ['ClientIP', 'None'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const MAX_PORT = 65_535;
const HEADLESS = 'None';
const ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

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
    ...validatePolicies(spec),
  ];
}

function validateAddresses(spec: ServiceSpec): readonly FieldError[] {
  const { type, clusterIP = '', clusterIPs = [] } = spec;
  if (type === 'ExternalName') return validateExternalName(spec);
  const faults: FieldError[] = [];
  if ((clusterIPs[0] ?? '') !== clusterIP) faults.push(invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
  if (clusterIP !== HEADLESS) {
    const isRight = clusterIP === '' || isIpAddress(clusterIP);
    return isRight ? faults : [...faults, invalid('spec.clusterIPs[0]', clusterIP, ADDRESS)];
  }
  return type === 'NodePort' || type === 'LoadBalancer'
    ? [...faults, invalid('spec.clusterIPs[0]', HEADLESS, `may not be set to 'None' for ${type} services`)]
    : faults;
}

function validateExternalName({ clusterIP = '', clusterIPs = [], externalName = '' }: ServiceSpec): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (clusterIP !== '' || clusterIPs.length > 0) faults.push(forbidden('spec.clusterIPs', 'may not be set for ExternalName services'));
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
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`;
    const faults = [...validatePort(port, at), ...validatePortName(port.name ?? '', at, ports.length > 1)];
    const { name = '', protocol, port: number } = port;
    if (name !== '' && names.has(name)) faults.push(duplicate(`${at}.name`, name));
    if (numbers.has(`${protocol} ${number}`)) faults.push(duplicate(at, { protocol, port: number }));
    if (type === 'ClusterIP' && (port.nodePort ?? 0) !== 0)
      faults.push(forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    names.add(name);
    numbers.add(`${protocol} ${number}`);
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
  // why: an IANA service name (RFC 6335, section 5.1)
  if (target === undefined || /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(target)) return [];
  return [invalid(field, target, 'must be at most 15 lower case letters, digits and hyphens, with at least one letter')];
}

function validatePolicies({ internalTrafficPolicy, externalTrafficPolicy }: ServiceSpec): readonly FieldError[] {
  return Object.entries({ internalTrafficPolicy, externalTrafficPolicy }).flatMap(([name, policy]) =>
    policy === undefined || policy === 'Cluster' || policy === 'Local' ? [] : [notSupported(`spec.${name}`, policy, ['Cluster', 'Local'])],
  );
}

/** An address stays as long as the service has one (core validation `validateServiceClusterIPsRelatedFields`). */
export function validateServiceUpdate(next: ServiceSpec, previous: ServiceSpec): readonly FieldError[] {
  if (next.type === 'ExternalName' || previous.type === 'ExternalName' || previous.clusterIP === undefined) return [];
  if (next.clusterIP === previous.clusterIP) return [];
  return [invalid('spec.clusterIPs[0]', next.clusterIPs ?? null, 'may not change once set')];
}
