import type { Container, Pod } from '#api/generated/kubernetes.ts';
import { bytesOf, parseQuantity, quantityToBigInt } from '#kit/quantity.ts';
import { planCapabilities } from './capabilities.ts';
import { expand } from './expand.ts';
import type { Image } from '../images/image.ts';
import type { Confinement } from './confinement.ts';
import { hostnameOf } from './hostname.ts';
import { dottedName } from './sysctls.ts';
import { planUser } from './user.ts';

/** A host path that appears inside a container. */
export interface BindMount {
  readonly source: string;
  readonly destination: string;
  readonly isReadOnly: boolean;
  /** Read-only with all that is mounted inside it. */
  readonly isDeeplyReadOnly?: boolean;
  /** How mounts made later travel between host and container. */
  readonly propagation: 'rprivate' | 'rslave' | 'rshared';
  /** What is not to work in it: `noexec`, `nosuid`, `nodev`. */
  readonly without?: readonly string[] | undefined;
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
  /** Whose processes it sees beside its own; absent = nobody's. */
  readonly processNamespacePath?: string | undefined;
  /** Absent = the host's network. */
  readonly networkNamespacePath?: string | undefined;
  readonly cgroup: string;
  /** Capabilities that this node can hand out. */
  readonly bounding: bigint;
  /** Groups that the image's own files put its user in. */
  readonly imageGroups?: readonly number[];
  /** What the node adds for the container's safety. */
  readonly confinement: Confinement;
}

/** The shortest CPU period that gives smooth limits (Linux CFS default), microseconds. */
const CPU_PERIOD_US = 100_000;
/** Fewest CPU shares that the kernel takes (cgroup v1 cpu.shares). */
const MIN_SHARES = 2;
const SHARES_PER_CPU = 1024;

/** `config.json` of the OCI runtime specification 1.0.2, without rlimits (raising them needs a capability that not every host gives). Pure. @throws ContainerConfigError */
export function buildOciConfig(input: OciInput): Record<string, unknown> {
  const { pod, container, confinement } = input;
  const isPrivileged = container.securityContext?.privileged === true;
  const capabilities = planCapabilities(container.securityContext, input.bounding);
  const hostname = hostnameOf(pod);
  const sysctl = sysctlsOf(pod);
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: container.tty === true,
      user: planUser(input),
      args: argsOf(input),
      env: envOf(input, hostname),
      cwd: [container.workingDir, input.image.workingDir].find((dir) => dir !== undefined && dir !== '') ?? '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: container.securityContext?.allowPrivilegeEscalation === false,
      ...(confinement.appArmorProfile === undefined ? {} : { apparmorProfile: confinement.appArmorProfile }),
    },
    root: { path: 'rootfs', readonly: container.securityContext?.readOnlyRootFilesystem === true },
    ...(pod.spec.hostNetwork === true ? {} : { hostname }),
    mounts: [...systemMounts(isPrivileged, confinement.hasCgroupNamespaces), ...userMounts(input.mounts)],
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
      rootfsPropagation: rootPropagationOf(input.mounts),
      ...(Object.keys(sysctl).length === 0 ? {} : { sysctl }),
      ...(confinement.seccomp === undefined ? {} : { seccomp: confinement.seccomp }),
      ...(isPrivileged || container.securityContext?.procMount === 'Unmasked'
        ? {}
        : { maskedPaths: MASKED_PATHS, readonlyPaths: READ_ONLY_PATHS }),
    },
  };
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

function namespacesOf({ pod, container, networkNamespacePath, processNamespacePath, confinement }: OciInput): Record<string, string>[] {
  const namespaces: Record<string, string>[] = [{ type: 'mount' }];
  if (pod.spec.hostPID !== true)
    namespaces.push(processNamespacePath === undefined ? { type: 'pid' } : { type: 'pid', path: processNamespacePath });
  if (pod.spec.hostIPC !== true) namespaces.push({ type: 'ipc' });
  if (pod.spec.hostNetwork !== true) namespaces.push({ type: 'uts' });
  // why not where it is privileged: it is to see the host as it is
  if (confinement.hasCgroupNamespaces && container.securityContext?.privileged !== true) namespaces.push({ type: 'cgroup' });
  if (networkNamespacePath !== undefined) namespaces.push({ type: 'network', path: networkNamespacePath });
  return namespaces;
}

function resourcesOf({ container, devices, confinement }: OciInput, isPrivileged: boolean): Record<string, unknown> {
  const limits = container.resources?.limits ?? {};
  const requests = container.resources?.requests ?? {};
  const memory = limits['memory'];
  const cpu = limits['cpu'];
  const shares = Math.max(MIN_SHARES, Math.floor((millis(requests['cpu'] ?? cpu ?? '0') * SHARES_PER_CPU) / 1000));
  return {
    ...(memory === undefined ? {} : { memory: { limit: Number(bytesOf(memory)) } }),
    ...(confinement.pidsLimit === undefined ? {} : { pids: { limit: confinement.pidsLimit } }),
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
      options: ['rbind', mount.propagation, ...accessOf(mount), ...(mount.without ?? [])],
    }));
}

function accessOf({ isReadOnly, isDeeplyReadOnly = false }: BindMount): readonly string[] {
  if (!isReadOnly) return ['rw'];
  return isDeeplyReadOnly ? ['ro', 'rro'] : ['ro'];
}

/** How mounts travel at the root: as far as the mount asks for that goes farthest, because the root cuts off the others (as containerd sets it). */
function rootPropagationOf(mounts: readonly BindMount[]): 'rprivate' | 'rslave' | 'rshared' {
  return mounts.some(({ propagation }) => propagation === 'rshared') ? 'rshared' : 'rslave';
}

/** Kernel settings of the pod's own namespaces, by the names with dots that the OCI runtime takes. */
function sysctlsOf({ spec }: Pod): Readonly<Record<string, string>> {
  return Object.fromEntries((spec.securityContext?.sysctls ?? []).map(({ name, value }) => [dottedName(name), value]));
}

function systemMounts(isPrivileged: boolean, hasCgroupNamespaces: boolean): Record<string, unknown>[] {
  const access = isPrivileged ? 'rw' : 'ro';
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
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', access] },
    ...(hasCgroupNamespaces
      ? [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'relatime', access] }]
      : []),
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
