import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Pod } from '#api/generated/kubernetes.ts';
import type { Exec } from '#kit/exec.ts';
import { hostnameOf } from '../containers/oci-config.ts';
import { ensureNetworkNamespace } from '../machine/network-namespaces.ts';
import type { PodOnNode, PodVolumes } from '../volumes/pod-volumes.ts';
import type { PreparedVolume } from '../volumes/prepared-volume.ts';

/** Makes everything that containers of the pod need before they start: directories, network namespace, hosts file, volumes. Idempotent. */
export async function preparePod(
  tools: { readonly exec: Exec; readonly volumes: PodVolumes },
  on: PodOnNode,
): Promise<Map<string, PreparedVolume>> {
  await mkdir(on.paths.containers, { recursive: true, mode: 0o700 });
  const isIsolated = on.pod.spec.hostNetwork !== true;
  const [volumes] = await Promise.all([
    tools.volumes.prepare(on),
    isIsolated ? ensureNetworkNamespace(tools.exec, on.paths.networkNamespace) : Promise.resolve(),
    writeFile(on.paths.hostsFile, isIsolated ? hostsText(on.pod) : await readFile('/etc/hosts', 'utf8'), { mode: 0o644 }),
  ]);
  return volumes;
}

/** `/etc/hosts` of a pod with a network of its own. Pure. */
export function hostsText(pod: Pod): string {
  const lines = [
    '# Made by the node for this pod.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    `127.0.0.1\t${hostnameOf(pod)}`,
  ];
  for (const alias of pod.spec.hostAliases ?? []) lines.push(`${alias.ip}\t${(alias.hostnames ?? []).join('\t')}`);
  return `${lines.join('\n')}\n`;
}
