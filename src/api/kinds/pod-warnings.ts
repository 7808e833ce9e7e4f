import { compareQuantity, parseQuantity, roundUpQuantity } from '#kit/quantity.ts';
import type { Container, ContainerPort, EnvVar, PodAffinityTerm, PodSpec, PodTemplateSpec } from '../generated/kubernetes.ts';
import type { ObjectMeta } from '../meta/object.ts';

/** What a pod or its template says, as far as it may be worth a warning. */
type Warned = Pick<PodTemplateSpec, 'spec'> & { readonly metadata?: Partial<ObjectMeta> | undefined };

/** Labels of nodes that have others in their place (pkg/api/node). */
const OLD_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};
const OLD_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};
const OLD_VOLUMES: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};
const NULL_SELECTOR = 'a null labelSelector results in matching no pod';

/** What is let through though it hardly is what was meant; `field` is where the pod's template stands, `''` for a pod (pkg/api/pod `GetWarningsForPod`). */
export function podWarnings({ metadata, spec }: Warned, field: string): readonly string[] {
  if (spec === undefined) return [];
  const below = (path: string): string => (field === '' ? path : `${field}.${path}`);
  const containers = containersOf(spec, below('spec'));
  return [
    ...placementWarnings(spec, below('spec')),
    ...known(OLD_ANNOTATIONS, metadata?.annotations).map(
      (key) => `${below(`metadata.annotations[${key}]`)}: ${OLD_ANNOTATIONS[key] ?? ''}`,
    ),
    ...(spec.volumes ?? []).flatMap((volume, index) =>
      known(OLD_VOLUMES, volume).map((name) => `${below(`spec.volumes[${index}].${name}`)}: ${OLD_VOLUMES[name] ?? ''}`),
    ),
    ...nameWarnings(spec, below('spec')),
    ...containers.flatMap(([container, at]) => [...resourceWarnings(container, at), ...variableWarnings(container.env ?? [], `${at}.env`)]),
    ...portWarnings(containers),
    ...affinityWarnings(spec, below('spec.affinity')),
  ];
}

/** Warnings of the template of a workload; none where nothing that is asked for changed. */
export function templateWarnings(
  { template, field }: { readonly template: Warned | undefined; readonly field: string },
  next: { readonly metadata: ObjectMeta },
  previous: { readonly metadata: ObjectMeta } | undefined,
): readonly string[] {
  if (template === undefined || (previous !== undefined && previous.metadata.generation === next.metadata.generation)) return [];
  return podWarnings(template, field);
}

type Placed = readonly [container: Container, at: string];

function containersOf({ initContainers = [], containers, ephemeralContainers = [] }: PodSpec, at: string): readonly Placed[] {
  const place = (list: readonly Container[], name: string): readonly Placed[] =>
    list.map((container, index) => [container, `${at}.${name}[${index}]`]);
  return [
    ...place(initContainers, 'initContainers'),
    ...place(containers, 'containers'),
    ...place(ephemeralContainers, 'ephemeralContainers'),
  ];
}

function known(table: Readonly<Record<string, string>>, object: object | undefined): readonly string[] {
  return Object.keys(object ?? {}).filter((key) => Object.hasOwn(table, key));
}

function placementWarnings({ nodeSelector, topologySpreadConstraints = [] }: PodSpec, at: string): readonly string[] {
  return [
    ...known(OLD_LABELS, nodeSelector).map((key) => `${at}.nodeSelector[${key}]: ${OLD_LABELS[key] ?? ''}`),
    ...topologySpreadConstraints.flatMap(({ topologyKey, labelSelector }, index) => {
      const field = `${at}.topologySpreadConstraints[${index}]`;
      const isOld = Object.hasOwn(OLD_LABELS, topologyKey);
      return [
        ...(isOld ? [`${field}.topologyKey: ${topologyKey} is ${OLD_LABELS[topologyKey] ?? ''}`] : []),
        ...(labelSelector === undefined ? [`${field}.labelSelector: ${NULL_SELECTOR}`] : []),
      ];
    }),
  ];
}

function nameWarnings({ hostAliases = [], imagePullSecrets = [] }: PodSpec, at: string): readonly string[] {
  const addresses = hostAliases.map(({ ip }) => ip);
  const names = imagePullSecrets.map(({ name = '' }) => name);
  const isAgain = (list: readonly string[], index: number): boolean => list.indexOf(list[index] ?? '') !== index;
  return [
    ...addresses.flatMap((ip, index) =>
      isAgain(addresses, index) ? [`${at}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(ip)}`] : [],
    ),
    ...names.flatMap((name, index) =>
      isAgain(names, index) ? [`${at}.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(name)}`] : [],
    ),
    ...names.flatMap((name, index) => (name === '' ? [`${at}.imagePullSecrets[${index}].name: invalid empty name ""`] : [])),
  ];
}

function resourceWarnings({ resources = {} }: Container, at: string): readonly string[] {
  return (['memory', 'ephemeral-storage'] as const).flatMap((name) =>
    (['limits', 'requests'] as const).flatMap((list) => {
      const amount = resources[list]?.[name];
      if (amount === undefined || !hasFraction(amount)) return [];
      return [`${at}.resources.${list}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`];
    }),
  );
}

function hasFraction(amount: string): boolean {
  const parsed = parseQuantity(amount);
  return parsed.ok && compareQuantity(roundUpQuantity(parsed.value, 0), parsed.value) !== 0;
}

/** A value that stands twice is fine only where the later one is made of the earlier. */
function variableWarnings(variables: readonly EnvVar[], at: string): readonly string[] {
  const seen = new Set<string>();
  return variables.flatMap(({ name, value = '', valueFrom }, index) => {
    const isAgain = seen.has(name);
    seen.add(name);
    const reference = `$(${name})`;
    if (!isAgain || (valueFrom === undefined && value !== reference && value.includes(reference))) return [];
    return [`${at}[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`];
  });
}

interface PlacedPort {
  readonly at: string;
  readonly port: ContainerPort;
}

function portWarnings(containers: readonly Placed[]): readonly string[] {
  const ports: readonly PlacedPort[] = containers.flatMap(([container, at]) =>
    (container.ports ?? []).map((port, index) => ({ at: `${at}.ports[${index}]`, port })),
  );
  const names = new Map<string, string>();
  const ofNames = ports.flatMap(({ at, port: { name = '' } }) => {
    const other = names.get(name);
    if (name !== '' && other === undefined) names.set(name, at);
    return other === undefined
      ? []
      : [
          `${at}: duplicate port name ${JSON.stringify(name)} with ${other}, services and probes that select ports by name will use ${other}`,
        ];
  });
  return [...ports.flatMap((port, index) => ports.slice(0, index).flatMap((other) => clashOf(port, other))), ...ofNames];
}

function clashOf({ at, port }: PlacedPort, { at: other, port: earlier }: PlacedPort): readonly string[] {
  if (port.containerPort !== earlier.containerPort || port.protocol !== earlier.protocol) return [];
  const how = howTheyClash(placeOnNode(port), placeOnNode(earlier));
  return how === undefined ? [] : [`${at}: ${how} port definition with ${other}`];
}

type NodePlace = readonly [address: string, port: number];

function placeOnNode({ hostIP = '', hostPort = 0 }: ContainerPort): NodePlace {
  return [hostIP, hostPort];
}

function howTheyClash([address, port]: NodePlace, [earlierAddress, earlierPort]: NodePlace): string | undefined {
  if (address === earlierAddress && port === earlierPort) return 'duplicate';
  if (port === 0 || earlierPort === 0) return 'overlapping';
  // why one: the same port of two addresses is no clash, that of one and of all is
  return port === earlierPort && isOneEmpty(address, earlierAddress) ? 'dangerously ambiguous' : undefined;
}

function isOneEmpty(a: string, b: string): boolean {
  return (a === '') !== (b === '');
}

function affinityWarnings({ affinity }: PodSpec, at: string): readonly string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((name) => {
    const {
      requiredDuringSchedulingIgnoredDuringExecution: required = [],
      preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
    } = affinity?.[name] ?? {};
    const blind = (term: PodAffinityTerm, field: string): readonly string[] =>
      term.labelSelector === undefined ? [`${at}.${name}.${field}.labelSelector: ${NULL_SELECTOR}`] : [];
    return [
      ...required.flatMap((term, index) => blind(term, `requiredDuringSchedulingIgnoredDuringExecution[${index}]`)),
      ...preferred.flatMap(({ podAffinityTerm }, index) =>
        blind(podAffinityTerm, `preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm`),
      ),
    ];
  });
}
