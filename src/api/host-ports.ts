import type { ContainerPort, Pod } from './generated/kubernetes.ts';

/** A port of the node itself. */
export interface HostPort {
  readonly protocol: string;
  readonly port: number;
  /** `0.0.0.0` = every address. */
  readonly address: string;
}

const EVERY_ADDRESS = '0.0.0.0';

/** The ports of its node that the pod takes. Pure. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...spec.containers].flatMap(({ ports = [] }) =>
    ports.flatMap((port) => hostPortOf(port, spec.hostNetwork === true)),
  );
}

/** True where two pods can't both have these ports of one node. Pure. */
export function isPortConflict(a: HostPort, b: HostPort): boolean {
  const isSameAddress = a.address === b.address || a.address === EVERY_ADDRESS || b.address === EVERY_ADDRESS;
  return a.port === b.port && a.protocol === b.protocol && isSameAddress;
}

function hostPortOf(
  { hostPort = 0, containerPort, protocol = 'TCP', hostIP = '' }: ContainerPort,
  isHostNetwork: boolean,
): readonly HostPort[] {
  // why: on the node's own network the port of a container is one of the node
  const port = hostPort === 0 && isHostNetwork ? containerPort : hostPort;
  return port === 0 ? [] : [{ protocol, port, address: hostIP === '' ? EVERY_ADDRESS : hostIP }];
}
