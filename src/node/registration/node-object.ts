import { arch, cpus, hostname, networkInterfaces, release, totalmem } from 'node:os';
import { statfs } from 'node:fs/promises';
import type { NodeCondition, NodeStatus } from '#api/generated/kubernetes.ts';
import { formatTime } from '#kit/clock.ts';
import { deepEqual } from '#kit/json.ts';
import { formatBytes } from '#kit/quantity.ts';
import type { ListedImage } from '../images/image.ts';
import type { Problem } from '../status/observed-pod.ts';
import { readTextIfAny } from '#linux/small-files.ts';

/** What the node tells of itself, found out once at start. */
export interface NodeProfile {
  readonly name: string;
  /** Where the node's machine is reached. */
  readonly hostIp: string;
  readonly cpus: number;
  readonly memoryBytes: bigint;
  readonly diskBytes: bigint;
  readonly osImage: string;
  readonly machineId: string;
  readonly bootId: string;
  readonly runcVersion: string;
  /** Of the platform, for example `0.1.0`. */
  readonly version: string;
}

/** A condition of the node. */
export interface NodeFinding {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** Pods that a node takes (kubelet's default maxPods). */
const MAX_PODS = '110';
/** Images that the status lists (kubelet's default nodeStatusMaxImages). */
const MAX_IMAGES = 50;
/** The Kubernetes version whose node behaviour this node follows. */
const KUBERNETES_VERSION = '1.36.0';

/** Looks at the machine; changes nothing. */
export async function observeProfile(
  options: Pick<NodeProfile, 'name' | 'version' | 'runcVersion' | 'bootId'> & { readonly dir: string },
): Promise<NodeProfile> {
  const osRelease = (await readTextIfAny('/etc/os-release')) ?? '';
  const disk = await statfs(options.dir, { bigint: true });
  const { name, version, runcVersion, bootId } = options;
  return {
    name,
    version,
    runcVersion,
    bootId,
    hostIp: hostAddress(),
    cpus: cpus().length,
    memoryBytes: BigInt(totalmem()),
    diskBytes: disk.blocks * disk.bsize,
    osImage: /^PRETTY_NAME="?([^"\n]+)/m.exec(osRelease)?.[1] ?? 'Linux',
    machineId: ((await readTextIfAny('/etc/machine-id')) ?? '').trim(),
  };
}

/** Labels that every node has, and the topology segment of the driver `local.stowage.dev`. Pure. */
export function nodeLabels(name: string): Readonly<Record<string, string>> {
  return {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': ARCHITECTURES[arch()] ?? arch(),
  };
}

/** Node's names of architectures as Go, and so Kubernetes, names them. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'arm',
  ia32: '386',
  ppc64: 'ppc64le',
  s390x: 's390x',
};

/** The node's `status`; times of conditions that did not change are kept. Pure. */
export function nodeStatus(
  profile: NodeProfile,
  now: {
    readonly nowMs: number;
    readonly notReady: Problem | undefined;
    readonly previous: NodeStatus | undefined;
    readonly images: readonly ListedImage[];
    /** Beside `Ready`. */
    readonly findings: readonly NodeFinding[];
  },
): NodeStatus {
  const resources = {
    cpu: String(profile.cpus),
    memory: formatBytes(profile.memoryBytes),
    pods: MAX_PODS,
    'ephemeral-storage': formatBytes(profile.diskBytes),
  };
  return {
    addresses: [
      { type: 'InternalIP', address: profile.hostIp },
      { type: 'Hostname', address: hostname() },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: conditionsOf(now),
    images: now.images.slice(0, MAX_IMAGES).map(({ names, sizeBytes }) => ({ names: [...names], sizeBytes })),
    nodeInfo: {
      architecture: ARCHITECTURES[arch()] ?? arch(),
      operatingSystem: 'linux',
      osImage: profile.osImage,
      kernelVersion: release(),
      machineID: profile.machineId,
      systemUUID: '',
      bootID: profile.bootId,
      containerRuntimeVersion: profile.runcVersion === '' ? 'none://' : `runc://${profile.runcVersion}`,
      kubeletVersion: `v${KUBERNETES_VERSION}+stowage.${profile.version}`,
      kubeProxyVersion: '',
    },
  };
}

function conditionsOf({
  nowMs,
  notReady,
  previous,
  findings,
}: {
  readonly nowMs: number;
  readonly notReady: Problem | undefined;
  readonly previous: NodeStatus | undefined;
  readonly findings: readonly NodeFinding[];
}): NodeCondition[] {
  const ready: NodeFinding =
    notReady === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'the node takes pods' }
      : { type: 'Ready', status: 'False', reason: notReady.reason, message: notReady.message };
  const own = [...findings, ready].map((finding) => {
    const before = previous?.conditions?.find(({ type }) => type === finding.type);
    const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : formatTime(nowMs);
    return { ...finding, lastHeartbeatTime: formatTime(nowMs), lastTransitionTime };
  });
  // why: the other conditions are those of other reporters
  const others = (previous?.conditions ?? []).filter(({ type }) => !own.some((condition) => condition.type === type));
  return [...others, ...own];
}

/** True where `stored` says what `status` says, and was reported at `sinceMs` (Unix ms) or later. Pure. */
export function isReported(status: NodeStatus, stored: NodeStatus | undefined, sinceMs: number): boolean {
  const reported = stored?.conditions?.find(({ type }) => type === 'Ready')?.lastHeartbeatTime;
  if (stored === undefined || reported === undefined || Date.parse(reported) < sinceMs) return false;
  const known: Readonly<Record<string, unknown>> = { ...stored, conditions: timeless(stored) };
  return Object.entries({ ...status, conditions: timeless(status) }).every(([field, value]) => deepEqual(known[field], value));
}

function timeless({ conditions = [] }: NodeStatus): readonly unknown[] {
  return conditions.map(({ lastHeartbeatTime: _heartbeat, ...condition }) => condition);
}

/** The first IPv4 address that other machines may know; loopback where there is none. */
function hostAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find((address) => address.family === 'IPv4' && !address.internal)?.address ?? '127.0.0.1';
}
