import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Pod } from '#api/generated/kubernetes.ts';
import { hostnameOf } from '../containers/oci-config.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import type { PodOnNode, PodVolumes } from '../volumes/pod-volumes.ts';
import type { PreparedVolume } from '../volumes/prepared-volume.ts';

/** Makes everything that containers of the pod need before they start: directories, network namespace, hosts file, volumes. Idempotent. */
export async function preparePod(
  tools: { readonly network: PodNetwork; readonly volumes: PodVolumes },
  on: PodOnNode,
): Promise<Map<string, PreparedVolume>> {
  await mkdir(on.paths.containers, { recursive: true, mode: 0o700 });
  const [volumes] = await Promise.all([tools.volumes.prepare(on), connect(tools.network, on)]);
  return volumes;
}

async function connect(network: PodNetwork, { pod, paths }: PodOnNode): Promise<void> {
  const isIsolated = pod.spec.hostNetwork !== true;
  if (isIsolated) await network.attach(paths);
  const text = isIsolated ? hostsText(pod, network.addressOf(paths.uid)) : hostHostsText(pod, await readFile('/etc/hosts', 'utf8'));
  await writeFile(paths.hostsFile, text, { mode: 0o644 });
}

/** Upstream's default `--cluster-domain`. */
const CLUSTER_DOMAIN = 'cluster.local';

/** The full name first, so that `hostname -f` answers it, where a StatefulSet or `spec.subdomain` gives the pod one; then the short one. */
function namesOf(pod: Pod): readonly string[] {
  const hostname = hostnameOf(pod);
  const subdomain = pod.spec.subdomain ?? '';
  return subdomain === '' ? [hostname] : [`${hostname}.${subdomain}.${pod.metadata.namespace ?? ''}.svc.${CLUSTER_DOMAIN}`, hostname];
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
