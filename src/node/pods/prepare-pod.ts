import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Pod } from '#api/generated/kubernetes.ts';
import { fullNameOf, hostnameOf, shortNameOf } from '../containers/hostname.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import { PlatformError } from '#kit/errors.ts';
import { resolverText } from './resolver-text.ts';
import type { PodOnNode, PodVolumes } from '../volumes/pod-volumes.ts';
import type { PreparedVolume } from '../volumes/prepared-volume.ts';

/** What preparing needs. */
export interface PrepareTools {
  readonly network: Pick<PodNetwork, 'attach' | 'addressOf'>;
  readonly volumes: Pick<PodVolumes, 'prepare' | 'runtimeHandler'>;
}

/** Makes everything that containers of the pod need before they start: directories, network namespace, hosts file, volumes. Idempotent. */
export async function preparePod(tools: PrepareTools, on: PodOnNode): Promise<Map<string, PreparedVolume>> {
  refuseUserNamespace(on.pod);
  await refuseRuntime(on.pod, (name) => tools.volumes.runtimeHandler(name));
  // why here: a name that can't be is the pod's fault, and not one container's
  if (on.pod.spec.hostNetwork !== true) hostnameOf(on.pod);
  await mkdir(on.paths.containers, { recursive: true, mode: 0o700 });
  const [volumes] = await Promise.all([tools.volumes.prepare(on), connect(tools.network, on)]);
  return volumes;
}

/** @throws UserNamespaceMissing: a pod that is not to be root on the host must not become it in silence */
function refuseUserNamespace({ spec }: Pod): void {
  if (spec.hostUsers === false) throw new UserNamespaceMissing();
}

class UserNamespaceMissing extends PlatformError {
  constructor() {
    super({
      code: 'FailedPrecondition',
      reason: 'UserNamespaceMissing',
      message:
        'hostUsers: false needs a runtime that gives pods user namespaces and maps the owners of their volumes (runc 1.2 and a kernel with idmapped mounts), which this node does not use: leave hostUsers out',
    });
  }
}

/** The handlers that this node has; '' is what pods without a class get. */
const HANDLERS = new Set(['', 'runc']);

/** @throws RuntimeMissing */
async function refuseRuntime({ spec }: Pod, handlerOf: (className: string) => Promise<string | undefined>): Promise<void> {
  const { runtimeClassName: name = '' } = spec;
  if (name === '') return;
  const handler = await handlerOf(name);
  if (handler === undefined) throw new RuntimeMissing(`RuntimeClass ${JSON.stringify(name)} not found`);
  if (!HANDLERS.has(handler))
    throw new RuntimeMissing(
      `no runtime for ${JSON.stringify(handler)} is configured: this node has runc, for a RuntimeClass with the handler runc`,
    );
}

class RuntimeMissing extends PlatformError {
  constructor(message: string) {
    super({ code: 'FailedPrecondition', reason: 'RuntimeMissing', message });
  }
}

async function connect(network: PrepareTools['network'], { pod, paths }: PodOnNode): Promise<void> {
  const isIsolated = pod.spec.hostNetwork !== true;
  if (isIsolated) await network.attach(paths);
  const text = isIsolated ? hostsText(pod, network.addressOf(paths.uid)) : hostHostsText(pod, await readFile('/etc/hosts', 'utf8'));
  await writeFile(paths.hostsFile, text, { mode: 0o644 });
  const resolver = resolverText(pod, await readFile('/etc/resolv.conf', 'utf8').catch(() => ''));
  if (resolver !== undefined) await writeFile(paths.resolverFile, resolver, { mode: 0o644 });
}

/** The full name first, so that `hostname -f` answers it, where a StatefulSet or `spec.subdomain` gives the pod one; then the short one. */
function namesOf(pod: Pod): readonly string[] {
  const full = fullNameOf(pod);
  return full === undefined ? [shortNameOf(pod)] : [full, shortNameOf(pod)];
}

/** `/etc/hosts` of a pod with a network of its own. Pure. */
export function hostsText(pod: Pod, address = '127.0.0.1'): string {
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    [address, ...namesOf(pod)].join('\t'),
  ];
  return `${[...lines, ...aliasesOf(pod)].join('\n')}\n`;
}

/** `/etc/hosts` of a pod on the host's network: the host's own, and the pod's aliases. Pure. */
export function hostHostsText(pod: Pod, ofHost: string): string {
  return `${['# Kubernetes-managed hosts file (host network).', ofHost.trimEnd(), ...aliasesOf(pod)].join('\n')}\n`;
}

function aliasesOf({ spec }: Pod): readonly string[] {
  const aliases = spec.hostAliases ?? [];
  if (aliases.length === 0) return [];
  return ['', '# Entries added by HostAliases.', ...aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}`)];
}
