import type { Container, Pod } from '#api/generated/kubernetes.ts';
import { bytesOf, parseQuantity, quantityToBigInt } from '#kit/quantity.ts';
import { planCapabilities } from './capabilities.ts';
import { expand } from './expand.ts';
import type { Image } from '../images/image.ts';
import { planUser } from './user.ts';

/** A host path that appears inside a container. */
export interface BindMount {
  readonly source: string;
  readonly destination: string;
  readonly isReadOnly: boolean;
  /** How mounts made later travel between host and container. */
  readonly propagation: 'rprivate' | 'rslave' | 'rshared';
}

/** A block device that appears inside a container. */
export interface BlockDevice {
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  readonly isReadOnly: boolean;
}

/** Everything that an OCI configuration is made from. */
export interface OciInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Omit<Image, 'id' | 'rootDir' | 'hostPaths' | 'standsInBecause'>;
  /** The container's own variables. */
  readonly env: ReadonlyMap<string, string>;
  readonly mounts: readonly BindMount[];
  readonly devices: readonly BlockDevice[];
  /** Absent = the host's network. */
  readonly networkNamespacePath?: string | undefined;
  readonly cgroup: string;
  /** Capabilities that this node can hand out. */
  readonly bounding: bigint;
}

/** The shortest CPU period that gives smooth limits (Linux CFS default), microseconds. */
const CPU_PERIOD_US = 100_000;
/** Fewest CPU shares that the kernel takes (cgroup v1 cpu.shares). */
const MIN_SHARES = 2;
const SHARES_PER_CPU = 1024;
/** Hosts limit their names to 63 characters (RFC 1123). */
const HOSTNAME_LENGTH = 63;

/** `config.json` of the OCI runtime specification 1.0.2, without rlimits (raising them needs a capability that not every host gives). Pure. @throws ContainerConfigError */
export function buildOciConfig(input: OciInput): Record<string, unknown> {
  const { pod, container } = input;
  const isPrivileged = container.securityContext?.privileged === true;
  const capabilities = planCapabilities(container.securityContext, input.bounding);
  const hostname = hostnameOf(pod);
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: container.tty === true,
      user: planUser({ pod, container, image: input.image }),
      args: argsOf(input),
      env: envOf(input, hostname),
      cwd: [container.workingDir, input.image.workingDir].find((dir) => dir !== undefined && dir !== '') ?? '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: container.securityContext?.allowPrivilegeEscalation === false,
    },
    root: { path: 'rootfs', readonly: container.securityContext?.readOnlyRootFilesystem === true },
    ...(pod.spec.hostNetwork === true ? {} : { hostname }),
    mounts: [...systemMounts(isPrivileged), ...userMounts(input.mounts)],
    linux: {
      namespaces: namespacesOf(input),
      devices: input.devices.map((device) => ({
        path: device.path,
        type: 'b',
        major: device.major,
        minor: device.minor,
        fileMode: 0o660,
        uid: 0,
        gid: pod.spec.securityContext?.fsGroup ?? 0,
      })),
      cgroupsPath: input.cgroup,
      resources: resourcesOf(input, isPrivileged),
      ...(isPrivileged ? {} : { maskedPaths: MASKED_PATHS, readonlyPaths: READ_ONLY_PATHS }),
    },
  };
}

/** The name that a pod's containers see as their own. Pure. */
export function hostnameOf(pod: Pod): string {
  return (pod.spec.hostname ?? pod.metadata.name).slice(0, HOSTNAME_LENGTH).replace(/[-.]+$/, '');
}

function argsOf({ container, image, env }: OciInput): string[] {
  const hasCommand = (container.command ?? []).length > 0;
  const command = hasCommand ? (container.command ?? []) : image.entrypoint;
  const hasArgs = (container.args ?? []).length > 0;
  // why: a command of the container's own drops the image's arguments too (core/v1 Container.command)
  const args = hasArgs ? (container.args ?? []) : hasCommand ? [] : image.cmd;
  return [...command, ...args].map((word) => expand(word, env));
}

function envOf({ container, image, env }: OciInput, hostname: string): string[] {
  const merged = new Map<string, string>();
  // why: programs ask what their terminal can do; an image or the container may say otherwise
  if (container.tty === true) merged.set('TERM', 'xterm');
  for (const line of image.env) {
    const equals = line.indexOf('=');
    merged.set(line.slice(0, equals), line.slice(equals + 1));
  }
  merged.set('HOSTNAME', hostname);
  for (const [name, value] of env) merged.set(name, value);
  return [...merged].map(([name, value]) => `${name}=${value}`);
}

function namespacesOf({ pod, networkNamespacePath }: OciInput): Record<string, string>[] {
  const namespaces: Record<string, string>[] = [{ type: 'mount' }];
  if (pod.spec.hostPID !== true) namespaces.push({ type: 'pid' });
  if (pod.spec.hostIPC !== true) namespaces.push({ type: 'ipc' });
  if (pod.spec.hostNetwork !== true) namespaces.push({ type: 'uts' });
  if (networkNamespacePath !== undefined) namespaces.push({ type: 'network', path: networkNamespacePath });
  return namespaces;
}

function resourcesOf({ container, devices }: OciInput, isPrivileged: boolean): Record<string, unknown> {
  const limits = container.resources?.limits ?? {};
  const requests = container.resources?.requests ?? {};
  const memory = limits['memory'];
  const cpu = limits['cpu'];
  const shares = Math.max(MIN_SHARES, Math.floor((millis(requests['cpu'] ?? cpu ?? '0') * SHARES_PER_CPU) / 1000));
  return {
    ...(memory === undefined ? {} : { memory: { limit: Number(bytesOf(memory)) } }),
    cpu: { shares, ...(cpu === undefined ? {} : { quota: Math.max(1000, (millis(cpu) * CPU_PERIOD_US) / 1000), period: CPU_PERIOD_US }) },
    devices: isPrivileged
      ? [{ allow: true, access: 'rwm' }]
      : [
          { allow: false, access: 'rwm' },
          ...devices.map((device) => ({
            allow: true,
            type: 'b',
            major: device.major,
            minor: device.minor,
            access: device.isReadOnly ? 'r' : 'rwm',
          })),
        ],
  };
}

function millis(text: string): number {
  const parsed = parseQuantity(text);
  return parsed.ok ? Number(quantityToBigInt({ ...parsed.value, exponent: parsed.value.exponent + 3 })) : 0;
}

/** Parents come before what is mounted inside them. */
function userMounts(mounts: readonly BindMount[]): Record<string, unknown>[] {
  const depth = (path: string): number => path.split('/').filter((part) => part !== '').length;
  return [...mounts]
    .sort((a, b) => depth(a.destination) - depth(b.destination))
    .map((mount) => ({
      destination: mount.destination,
      type: 'bind',
      source: mount.source,
      options: ['rbind', mount.propagation, mount.isReadOnly ? 'ro' : 'rw'],
    }));
}

function systemMounts(isPrivileged: boolean): Record<string, unknown>[] {
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
    },
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', isPrivileged ? 'rw' : 'ro'] },
  ];
}

/** What containerd hides by default. */
const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const READ_ONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
