import type { SecurityContext } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';

/** Names by bit number (linux/capability.h). */
const NAMES = [
  'CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE',
  'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE',
  'AUDIT_CONTROL', 'SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF', 'CHECKPOINT_RESTORE',
] as const; // prettier-ignore

/** What a container gets that asks for nothing (containerd's default list). */
const DEFAULT_NAMES: ReadonlySet<string> = new Set([
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
]);

/**
 * The `CAP_…` names of a container, never more than `bounding` (this process's own set) holds. Pure.
 * @throws PlatformError `CreateContainerConfigError` for an added capability that does not exist or that the node does not have
 */
export function planCapabilities(context: SecurityContext | undefined, bounding: bigint): string[] {
  const available = NAMES.filter((_, bit) => (bounding & (1n << BigInt(bit))) !== 0n);
  if (context?.privileged === true) return available.map((name) => `CAP_${name}`);
  const added = (context?.capabilities?.add ?? []).map(normalize);
  const dropped = new Set((context?.capabilities?.drop ?? []).map(normalize));
  const isAll = added.includes('ALL');
  const missing = added.find((name) => name !== 'ALL' && !available.some((known) => known === name));
  if (missing !== undefined) throw new CapabilityNotAvailable(missing, available);
  return available
    .filter((name) => added.includes(name) || ((isAll || DEFAULT_NAMES.has(name)) && !dropped.has(name) && !dropped.has('ALL')))
    .map((name) => `CAP_${name}`);
}

class CapabilityNotAvailable extends PlatformError {
  constructor(name: string, available: readonly string[]) {
    super({
      code: 'FailedPrecondition',
      reason: 'CreateContainerConfigError',
      message: `securityContext.capabilities.add: ${name} is not available on this node; available are: ${available.join(', ')}`,
    });
  }
}

function normalize(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}
