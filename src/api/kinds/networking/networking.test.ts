import { expect, it } from 'vitest';
import { faultsOf, kindNamed, made, rowOf } from '#testing/builders/any-kind.ts';

const backend = { service: { name: 's', port: { number: 80 } } };
const rule = (path: object): object => ({ http: { paths: [{ path: '/', pathType: 'Prefix', backend, ...path }] } });

it.each([
  {
    kind: 'Service',
    fields: { spec: { ports: [{ port: 80 }] } },
    filled: {
      spec: {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      },
      status: { loadBalancer: {} },
    },
  },
  {
    kind: 'Service',
    fields: { spec: { type: 'LoadBalancer', sessionAffinity: 'ClientIP' } },
    filled: {
      spec: {
        externalTrafficPolicy: 'Cluster',
        allocateLoadBalancerNodePorts: true,
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
      },
    },
  },
  {
    kind: 'NetworkPolicy',
    fields: { spec: { egress: [{ ports: [{ port: 1 }] }] } },
    filled: { spec: { policyTypes: ['Ingress', 'Egress'], egress: [{ ports: [{ protocol: 'TCP' }] }] } },
  },
  { kind: 'EndpointSlice', fields: { ports: [{ port: 1 }] }, filled: { ports: [{ name: '', protocol: 'TCP' }] } },
])('API-2: $kind is defaulted as upstream does it', ({ kind, fields, filled }) => {
  expect(made(kind, fields)).toMatchObject(filled);
});

const ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
it.each([
  {
    kind: 'NetworkPolicy',
    fields: {
      spec: {
        podSelector: {},
        ingress: [
          {
            ports: [
              { protocol: 'TCP', port: 'web--1' },
              { protocol: 'TCP', port: 'web-1' },
            ],
          },
        ],
      },
    },
    faults: [
      'spec.ingress[0].ports[0].port: Invalid value: "web--1": must be at most 15 lower case letters, digits and single hyphens, with at least one letter',
    ],
  },
  { kind: 'Service', fields: {}, faults: ['spec.ports: Required value'] },
  { kind: 'Service', fields: { spec: { clusterIP: 'None' } }, faults: [] },
  { kind: 'Service', fields: { spec: { type: 'ExternalName' } }, faults: ['spec.externalName: Required value'] },
  {
    kind: 'Service',
    fields: { spec: { type: 'Balanced', ports: [{ port: 0 }] } },
    faults: [
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.type: Unsupported value: "Balanced": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
  },
  {
    kind: 'Service',
    fields: { spec: { ports: [{ port: 1 }, { port: 1, name: 'b', nodePort: 30_000 }] } },
    faults: [
      'spec.ports[0].name: Required value',
      'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":1}',
      "spec.ports[1].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
  },
  {
    kind: 'Service',
    fields: { spec: { type: 'NodePort', clusterIP: 'None', ports: [{ port: 1, targetPort: 'Web' }] } },
    faults: [
      `spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`,
      'spec.ports[0].targetPort: Invalid value: "Web": must be at most 15 lower case letters, digits and single hyphens, with at least one letter',
    ],
  },
  {
    kind: 'Service',
    fields: { spec: { clusterIP: '1.2.3', ports: [{ port: 1 }] } },
    faults: [`spec.clusterIPs[0]: Invalid value: "1.2.3": ${ADDRESS}`],
  },
  {
    kind: 'Endpoints',
    fields: { subsets: [{ addresses: [{ ip: 'x' }] }] },
    faults: [`subsets[0].addresses[0].ip: Invalid value: "x": ${ADDRESS}`],
  },
  {
    kind: 'EndpointSlice',
    fields: { addressType: 'IPv4', endpoints: [{ addresses: ['::1'] }] },
    faults: ['endpoints[0].addresses[0]: Invalid value: "::1": must be a valid IPv4 address'],
  },
  { kind: 'EndpointSlice', fields: { addressType: 'IPv6', endpoints: [{ addresses: ['::1'] }] }, faults: [] },
  {
    kind: 'EndpointSlice',
    fields: {
      addressType: 'IPv4',
      ports: [{ name: 'A_B' }, { name: 'a', protocol: 'ICMP', appProtocol: '-' }, { name: 'a' }, {}, {}],
    },
    faults: [
      expect.stringMatching(/^ports\[0\]\.name: Invalid value: "A_B"/),
      'ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
      expect.stringMatching(/^ports\[1\]\.appProtocol: Invalid value: "-"/),
      'ports[2].name: Duplicate value: "a"',
      'ports[4].name: Duplicate value: ""',
    ],
  },
  {
    kind: 'IngressClass',
    fields: { spec: { controller: 'x'.repeat(251) } },
    faults: [expect.stringMatching(/^spec\.controller: Too long/), expect.stringMatching(/must be a domain-prefixed path/)],
  },
  {
    kind: 'IngressClass',
    fields: { spec: { controller: 'acme.io/a b' } },
    faults: [expect.stringMatching(/^spec\.controller: Invalid value: "a b": Invalid path/)],
  },
  {
    kind: 'Endpoints',
    fields: {
      subsets: [
        {
          addresses: [{ ip: '192.0.2.1' }],
          ports: [
            { port: 1, name: 'A_B' },
            { port: 2, protocol: 'ICMP' },
          ],
        },
      ],
    },
    faults: [
      expect.stringMatching(/^subsets\[0\]\.ports\[0\]\.name: Invalid value: "A_B"/),
      'subsets[0].ports[1].name: Required value',
      'subsets[0].ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    ],
  },
  {
    kind: 'NetworkPolicy',
    fields: { spec: { ingress: [{ from: [{ ipBlock: {} }], ports: [{ port: 5, protocol: '' }] }] } },
    faults: [
      expect.stringMatching(/^spec\.ingress\[0\]\.ports\[0\]\.protocol: Unsupported value: ""/),
      'spec.ingress[0].from[0].ipBlock.cidr: Required value',
    ],
  },
  { kind: 'Ingress', fields: {}, faults: ['spec: Invalid value: {}: either `defaultBackend` or `rules` must be specified'] },
  {
    kind: 'Ingress',
    fields: { spec: { rules: [rule({ pathType: undefined, path: 'x' })] } },
    faults: [
      'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
      'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path',
    ],
  },
  {
    kind: 'Ingress',
    fields: { spec: { defaultBackend: { service: { name: 's' } }, rules: [{ host: '10.0.0.1' }, { host: '*.example.com' }] } },
    faults: [
      'spec.defaultBackend: Required value: port name or number is required',
      'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    ],
  },
  { kind: 'IngressClass', fields: {}, faults: ['spec.controller: Required value'] },
  {
    kind: 'IngressClass',
    fields: { spec: { controller: 'nginx' } },
    faults: ['spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")'],
  },
  {
    kind: 'NetworkPolicy',
    fields: { spec: { ingress: [{ from: [{}, { ipBlock: { cidr: '10.0.0.0' } }], ports: [{ port: 5, endPort: 4 }] }] } },
    faults: [
      'spec.ingress[0].ports[0].endPort: Invalid value: 4: must be greater than or equal to `port`',
      'spec.ingress[0].from[0]: Required value: must specify a peer',
      'spec.ingress[0].from[1].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  },
])('API-2: $kind is refused: $faults', ({ kind, fields, faults }) => {
  expect(faultsOf(kind, made(kind, fields))).toEqual(faults);
});

it('a service keeps the address and ports of nodes that an update does not name', () => {
  const kind = kindNamed('Service');
  const given = { clusterIP: '10.96.1.1', clusterIPs: ['10.96.1.1'] };
  const previous = made('Service', { spec: { type: 'NodePort', ...given, ports: [{ port: 80, nodePort: 30_001 }] } });
  const next = made('Service', { spec: { type: 'NodePort', ports: [{ port: 80 }] } });
  expect(kind.prepareForUpdate?.(next, previous)).toMatchObject({ spec: { ...given, ports: [{ nodePort: 30_001 }] } });
  const moved = made('Service', { spec: { clusterIP: '10.96.1.2', ports: [{ port: 80 }] } });
  expect(kind.validateUpdate(moved, previous).map(({ field }) => field)).toEqual(['spec.clusterIPs[0]']);
});

it.each([
  {
    kind: 'Service',
    fields: {
      spec: {
        type: 'NodePort',
        clusterIP: '10.96.1.1',
        ports: [
          { port: 80, nodePort: 30_001 },
          { port: 53, protocol: 'UDP' },
        ],
        selector: { a: 'b' },
      },
    },
    row: ['n', 'NodePort', '10.96.1.1', '<none>', '80:30001/TCP,53/UDP', '30s', 'a=b'],
  },
  {
    kind: 'Service',
    fields: { spec: { type: 'ExternalName', externalName: 'x.y' } },
    row: ['n', 'ExternalName', '<none>', 'x.y', '<none>', '30s', '<none>'],
  },
  {
    kind: 'Endpoints',
    fields: { subsets: [{ addresses: [{ ip: '1.1.1.1' }, { ip: '1.1.1.2' }], ports: [{ port: 1 }, { port: 2 }] }] },
    row: ['n', '1.1.1.1:1,1.1.1.2:1,1.1.1.1:2 + 1 more...', '30s'],
  },
  {
    kind: 'EndpointSlice',
    fields: { addressType: 'IPv4', ports: [{ port: 80 }], endpoints: [{ addresses: ['1.1.1.1'] }] },
    row: ['n', 'IPv4', '80', '1.1.1.1', '30s'],
  },
  { kind: 'Ingress', fields: { spec: { rules: [{ host: 'a.b' }], tls: [{}] } }, row: ['n', '<none>', 'a.b', '', '80, 443', '30s'] },
  {
    kind: 'IngressClass',
    fields: { spec: { controller: 'a.b/c', parameters: { kind: 'K', name: 'p', apiGroup: 'g' } } },
    row: ['n', 'a.b/c', 'K.g/p', '30s'],
  },
  { kind: 'NetworkPolicy', fields: { spec: { podSelector: { matchLabels: { a: 'b' } } } }, row: ['n', 'a=b', '30s'] },
])('API-1: the table of $kind', ({ kind, fields, row }) => {
  expect(rowOf(kind, made(kind, fields))).toEqual(row);
});

it('a service that is replaced by one without a spec keeps the address that it has', () => {
  const kind = kindNamed('Service');
  const given = { clusterIP: 'None', clusterIPs: ['None'] };
  const previous = made('Service', { spec: { ...given, ports: [{ port: 80 }] } });
  const next = { ...made('Service', {}), spec: undefined };
  expect(kind.prepareForUpdate?.(next, previous)).toMatchObject({ spec: given });
});

it('API-2: a policy that names no types is for what comes in', () => {
  expect(made('NetworkPolicy', { spec: { policyTypes: [] } })).toMatchObject({ spec: { policyTypes: ['Ingress'] } });
});
