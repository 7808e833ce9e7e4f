import type { Pod } from '#api/generated/kubernetes.ts';

/** Kernel settings that belong to a namespace of the pod and hurt nobody else (kubelet sysctl/safe_sysctls.go). */
const SAFE: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

/**
 * The name with dots between its parts: where a slash comes first, slashes are what parts it, and dots are letters (sysctl.d(5)). Pure.
 */
export function dottedName(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '/' ? name.replaceAll(/[./]/g, (letter) => (letter === '/' ? '.' : '/')) : name;
}

/** Why the node does not set what the pod asks for, in kubelet's words; undefined where it does. Pure. */
export function whySysctlForbidden({ spec }: Pod): string | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const dotted = dottedName(name);
    const text = JSON.stringify(dotted);
    if (!SAFE.has(dotted)) return `forbidden sysctl: ${text} not allowlisted`;
    if (dotted.startsWith('net.') && spec.hostNetwork === true) return `forbidden sysctl: ${text} not allowed with host net enabled`;
    if (dotted.startsWith('kernel.shm') && spec.hostIPC === true) return `forbidden sysctl: ${text} not allowed with host ipc enabled`;
  }
  return undefined;
}
