import type { DiscoveryEndpointPort, Endpoint, EndpointSlice } from '../../generated/kubernetes.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '../../meta/validate-name.ts';
import { endpointSlices } from '../../resources.ts';
import { ageColumn, column, nameColumn, UNSET } from '../columns.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { fewOf } from './few-of.ts';
import { isIpv4, isIpv6 } from './ip-address.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TYPES = ['FQDN', 'IPv4', 'IPv6'];
/** Bounds of discovery validation. */
const MAX_ENDPOINTS = 1000;
const MAX_PORTS = 20_000;
const MAX_ADDRESSES = 100;

/** discovery.k8s.io/v1 EndpointSlice. */
export const endpointSliceKind: KindDefinition<EndpointSlice> = {
  ...PLAIN_KIND,
  resource: endpointSlices,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  applyDefaults: (slice) =>
    withMember(slice, 'ports', (ports) => ports.map((port) => ({ ...withDefaults(port, { protocol: 'TCP' }), name: port.name ?? '' }))),
  validate: ({ metadata, addressType, endpoints, ports }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateType(addressType),
    ...validateEndpoints(endpoints ?? [], addressType),
    ...validatePorts(ports ?? []),
  ],
  validateUpdate: (next, previous) => immutableField(next.addressType, previous.addressType, 'addressType'),
  columns: [
    nameColumn(),
    column({ name: 'AddressType', description: 'What its addresses are.' }, ({ addressType }) => addressType ?? ''),
    column({ name: 'Ports', description: 'The ports of its endpoints.' }, ({ ports }) => fewOf((ports ?? []).map(portText), UNSET)),
    column({ name: 'Endpoints', description: 'The addresses of its endpoints.' }, ({ endpoints }) =>
      fewOf(
        (endpoints ?? []).flatMap(({ addresses }) => addresses ?? []),
        UNSET,
      ),
    ),
    ageColumn(),
  ],
};

function portText({ name = '', port }: { readonly name?: string | undefined; readonly port?: number | undefined }): string {
  if (port !== undefined) return String(port);
  return name === '' ? '*' : name;
}

function validateType(type: string | undefined): readonly FieldError[] {
  if (type === undefined || type === '') return [required('addressType')];
  return TYPES.includes(type) ? [] : [notSupported('addressType', type, TYPES)];
}

function validatePorts(ports: readonly DiscoveryEndpointPort[]): readonly FieldError[] {
  if (ports.length > MAX_PORTS) return [tooMany('ports', ports.length, MAX_PORTS)];
  const names = new Set<string>();
  return ports.flatMap(({ name = '', protocol = '', appProtocol }, index) => {
    const field = `ports[${index}]`;
    const faults = name === '' ? [] : dns1123Label(name).map((fault) => invalid(`${field}.name`, name, fault));
    if (names.has(name)) faults.push(duplicate(`${field}.name`, name));
    names.add(name);
    if (!PROTOCOLS.includes(protocol)) faults.push(notSupported(`${field}.protocol`, protocol, PROTOCOLS));
    const wrong = appProtocol === undefined ? [] : qualifiedName(appProtocol);
    return [...faults, ...wrong.map((fault) => invalid(`${field}.appProtocol`, appProtocol, fault))];
  });
}

function validateEndpoints(endpoints: readonly Endpoint[], type: string | undefined): readonly FieldError[] {
  if (endpoints.length > MAX_ENDPOINTS) return [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)];
  return endpoints.flatMap(({ addresses = [] }: Partial<Endpoint>, index) => {
    const field = `endpoints[${index}].addresses`;
    if (addresses.length === 0) return [required(field, 'must contain at least 1 address')];
    if (addresses.length > MAX_ADDRESSES) return [tooMany(field, addresses.length, MAX_ADDRESSES)];
    return addresses.flatMap((address, place) => validateAddress(address, `${field}[${place}]`, type));
  });
}

function validateAddress(address: string, field: string, type: string | undefined): readonly FieldError[] {
  switch (type) {
    case 'IPv4':
      return isIpv4(address) ? [] : [invalid(field, address, 'must be a valid IPv4 address')];
    case 'IPv6':
      return isIpv6(address) ? [] : [invalid(field, address, 'must be a valid IPv6 address')];
    default:
      return dns1123Subdomain(address).map((fault) => invalid(field, address, fault));
  }
}
