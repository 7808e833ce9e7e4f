import type { Endpoints, EndpointAddress, EndpointPort, EndpointSubset } from '../../generated/kubernetes.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Label, dns1123Subdomain } from '../../meta/validate-name.ts';
import { endpoints } from '../../resources.ts';
import { ageColumn, column, nameColumn, NONE } from '../columns.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { fewOf } from './few-of.ts';
import { isIpAddress } from './ip-address.ts';

/** core/v1 Endpoints. */
export const endpointsKind: KindDefinition<Endpoints> = {
  ...PLAIN_KIND,
  resource: endpoints,
  schema: 'io.k8s.api.core.v1.Endpoints',
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  applyDefaults: (object) => withMember(object, 'subsets', (subsets) => subsets.map(defaultSubset)),
  validate: ({ metadata, subsets }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...(subsets ?? []).flatMap((subset, index) => validateSubset(subset, `subsets[${index}]`)),
  ],
  columns: [
    nameColumn(),
    column({ name: 'Endpoints', description: 'Addresses and ports behind the service of that name.' }, ({ subsets }) =>
      fewOf((subsets ?? []).flatMap(addressesOf), NONE),
    ),
    ageColumn(),
  ],
};

function defaultSubset(subset: EndpointSubset): EndpointSubset {
  return withMember(subset, 'ports', (ports) => ports.map((port) => withDefaults(port, { protocol: 'TCP' })));
}

function addressesOf({ addresses = [], ports = [] }: EndpointSubset): readonly string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip);
  return ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`));
}

function validateSubset({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (addresses.length + notReadyAddresses.length === 0) faults.push(required(field, 'must specify `addresses` or `notReadyAddresses`'));
  const check = (list: readonly EndpointAddress[], at: string): readonly FieldError[] =>
    list.flatMap(({ ip = '' }: Partial<EndpointAddress>, index) =>
      isIpAddress(ip) ? [] : [invalid(`${at}[${index}].ip`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')],
    );
  return [
    ...faults,
    ...check(addresses, `${field}.addresses`),
    ...check(notReadyAddresses, `${field}.notReadyAddresses`),
    ...ports.flatMap((port, index) => validatePort(port, `${field}.ports[${index}]`, ports.length > 1)),
  ];
}

function validatePort(
  { name = '', port = 0, protocol = '' }: Partial<EndpointPort>,
  field: string,
  isNameNeeded: boolean,
): readonly FieldError[] {
  return [
    ...(isNameNeeded && name === '' ? [required(`${field}.name`)] : []),
    ...(name === '' ? [] : dns1123Label(name).map((fault) => invalid(`${field}.name`, name, fault))),
    ...(port >= 1 && port <= 65_535 ? [] : [invalid(`${field}.port`, port, 'must be between 1 and 65535, inclusive')]),
    ...(PROTOCOLS.includes(protocol) ? [] : [notSupported(`${field}.protocol`, protocol, PROTOCOLS)]),
  ];
}

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
