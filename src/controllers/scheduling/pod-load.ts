import type { ContainerPort, Pod } from '#api/generated/kubernetes.ts';
import { podAmounts } from '#api/pod-resources.ts';
import { type Quantity, parseQuantity } from '#kit/quantity.ts';

/** What a pod takes of its node. */
export interface PodLoad {
  /** By resource, in billionths of its unit (the finest that a quantity can be). */
  readonly requests: ReadonlyMap<string, bigint>;
  readonly hostPorts: readonly HostPort[];
}

/** A port of the node itself. */
export interface HostPort {
  readonly protocol: string;
  readonly port: number;
  /** `0.0.0.0` = every address. */
  readonly address: string;
}

const EVERY_ADDRESS = '0.0.0.0';
const NANO_EXPONENT = 9;

const known = new WeakMap<Pod, PodLoad>();

/** What `pod` takes; computed once per version of the pod. */
export function loadOf(pod: Pod): PodLoad {
  const cached = known.get(pod);
  if (cached !== undefined) return cached;
  const requests = Object.entries(podAmounts(pod, 'requests')).map(([name, amount]) => [name, nanoOf(amount)] as const);
  const load = { requests: new Map(requests.filter(([, amount]) => amount > 0n)), hostPorts: hostPortsOf(pod) };
  known.set(pod, load);
  return load;
}

/** True where the pod has ended and takes nothing any more. */
export function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** A stored amount in billionths; what is no quantity counts as nothing. */
export function nanoOfText(text: string | undefined): bigint {
  const parsed = parseQuantity(text ?? '0');
  return parsed.ok ? nanoOf(parsed.value) : 0n;
}

/** True where two pods can't both have these ports of one node. */
export function isPortConflict(a: HostPort, b: HostPort): boolean {
  const isSameAddress = a.address === b.address || a.address === EVERY_ADDRESS || b.address === EVERY_ADDRESS;
  return a.port === b.port && a.protocol === b.protocol && isSameAddress;
}

function nanoOf({ mantissa, exponent }: Quantity): bigint {
  return mantissa * 10n ** BigInt(exponent + NANO_EXPONENT);
}

function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...spec.containers].flatMap(({ ports = [] }) =>
    ports.flatMap((port) => hostPortOf(port, spec.hostNetwork === true)),
  );
}

function hostPortOf(
  { hostPort = 0, containerPort, protocol = 'TCP', hostIP = '' }: ContainerPort,
  isHostNetwork: boolean,
): readonly HostPort[] {
  // why: on the node's own network the port of a container is one of the node
  const port = hostPort === 0 && isHostNetwork ? containerPort : hostPort;
  return port === 0 ? [] : [{ protocol, port, address: hostIP === '' ? EVERY_ADDRESS : hostIP }];
}
