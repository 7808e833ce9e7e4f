import type {
  HTTPIngressPath,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  ServiceBackendPort,
} from '../../generated/kubernetes.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { dns1035Label, dns1123Subdomain, type NameRule } from '../../meta/validate-name.ts';
import { isIpAddress } from './ip-address.ts';

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const MAX_PORT = 65_535;

/** Faults of what an ingress asks for (networking validation `ValidateIngressSpec`). */
export function validateIngressSpec(spec: IngressSpec): readonly FieldError[] {
  const { rules = [], defaultBackend, ingressClassName = '', tls = [] } = spec;
  const faults: FieldError[] = [];
  if (rules.length === 0 && defaultBackend === undefined)
    faults.push(invalid('spec', spec, 'either `defaultBackend` or `rules` must be specified'));
  if (defaultBackend !== undefined) faults.push(...validateBackend(defaultBackend, 'spec.defaultBackend'));
  if (ingressClassName !== '')
    faults.push(...dns1123Subdomain(ingressClassName).map((fault) => invalid('spec.ingressClassName', ingressClassName, fault)));
  return [
    ...faults,
    ...rules.flatMap((rule, index) => validateRule(rule, `spec.rules[${index}]`)),
    ...tls.flatMap(({ hosts = [] }, index) =>
      hosts.flatMap((host, place) => hostName(host).map((fault) => invalid(`spec.tls[${index}].hosts[${place}]`, host, fault))),
    ),
  ];
}

/** A name of a host, with an asterisk in place of its first label where that may be any. */
const hostName: NameRule = (host) => dns1123Subdomain(host.startsWith('*.') ? host.slice(2) : host);

function validateRule({ host = '', http }: IngressRule, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (isIpAddress(host)) faults.push(invalid(`${field}.host`, host, 'must be a DNS name, not an IP address'));
  else if (host !== '') faults.push(...hostName(host).map((fault) => invalid(`${field}.host`, host, fault)));
  if (http === undefined) return faults;
  const paths = http.paths ?? [];
  if (paths.length === 0) return [...faults, required(`${field}.http.paths`)];
  return [...faults, ...paths.flatMap((path, index) => validatePath(path, `${field}.http.paths[${index}]`))];
}

function validatePath({ path = '', pathType = '', backend }: Partial<HTTPIngressPath>, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (pathType === '') faults.push(required(`${field}.pathType`, 'pathType must be specified'));
  else if (!PATH_TYPES.includes(pathType)) faults.push(notSupported(`${field}.pathType`, pathType, PATH_TYPES));
  const needsPath = pathType === 'Exact' || pathType === 'Prefix';
  if ((needsPath || path !== '') && !path.startsWith('/')) faults.push(invalid(`${field}.path`, path, 'must be an absolute path'));
  if (needsPath) {
    const illegal = ['//', '/./', '/../', '%2f', '%2F'].filter((part) => path.includes(part));
    faults.push(...illegal.map((part) => invalid(`${field}.path`, path, `must not contain '${part}'`)));
  }
  return [...faults, ...validateBackend(backend ?? {}, `${field}.backend`)];
}

function validateBackend({ resource, service }: IngressBackend, field: string): readonly FieldError[] {
  if (resource !== undefined && service !== undefined) return [invalid(field, '', 'cannot set both resource and service backends')];
  if (resource !== undefined) return resource.name === '' || resource.name === undefined ? [required(`${field}.resource.name`)] : [];
  return service === undefined
    ? [required(field, 'resource or service backend is required')]
    : validateService(service, `${field}.service`);
}

function validateService({ name = '', port = {} }: Partial<IngressServiceBackend>, field: string): readonly FieldError[] {
  const faults = name === '' ? [required(`${field}.name`)] : dns1035Label(name).map((fault) => invalid(`${field}.name`, name, fault));
  return [...faults, ...validatePort(port, field)];
}

function validatePort({ name = '', number = 0 }: ServiceBackendPort, field: string): readonly FieldError[] {
  // why the backend: upstream names what lacks the port
  if (name === '' && number === 0) return [required(field.replace(/\.service$/, ''), 'port name or number is required')];
  if (name !== '') return number === 0 ? [] : [invalid(field, '', 'cannot set both port name & port number')];
  return number >= 1 && number <= MAX_PORT ? [] : [invalid(`${field}.port.number`, number, `must be between 1 and ${MAX_PORT}, inclusive`)];
}
