import type { Service } from '#api/generated/kubernetes.ts';

/** Where a service is, as variables of containers (kubelet envvars.go): its first port by name of the service, and each port as Docker's links had it. Pure. */
export function serviceVariables({ metadata, spec }: Service): [string, string][] {
  const { clusterIP = '', ports = [] } = spec ?? {};
  const [first] = ports;
  if (clusterIP === '' || clusterIP === 'None' || first === undefined) return [];
  const name = variableName(metadata.name);
  const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP;
  const named = ports.flatMap((port): [string, string][] =>
    port.name === undefined || port.name === '' ? [] : [[`${name}_SERVICE_PORT_${variableName(port.name)}`, String(port.port)]],
  );
  const links = ports.flatMap(({ port, protocol = 'TCP' }, index): [string, string][] => {
    const scheme = protocol.toLowerCase();
    const url = `${scheme}://${host}:${port}`;
    const prefix = `${name}_PORT_${port}_${protocol.toUpperCase()}`;
    return [
      ...(index === 0 ? [[`${name}_PORT`, url] satisfies [string, string]] : []),
      [prefix, url],
      [`${prefix}_PROTO`, scheme],
      [`${prefix}_PORT`, String(port)],
      [`${prefix}_ADDR`, clusterIP],
    ];
  });
  return [[`${name}_SERVICE_HOST`, clusterIP], [`${name}_SERVICE_PORT`, String(first.port)], ...named, ...links];
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
