import type { Pod } from '#api/generated/kubernetes.ts';
import { networkNamespacePath } from '../machine/network-namespaces.ts';
import type { NodePaths } from '../node-paths.ts';
import type { PodAddress } from './reach-pod.ts';

/** How the node reaches ports of its pods: those of the host's network at its address, those of the node's network at their own, others by entering their loopback. */
export function addressOfPod(node: {
  readonly paths: NodePaths;
  readonly busybox: string;
  readonly hostIp: string;
  /** Of a pod in the node's network. */
  readonly addressOf: (uid: string) => string | undefined;
}): (pod: Pod) => PodAddress {
  return (pod) => {
    if (pod.spec.hostNetwork === true) return { host: node.hostIp };
    const host = node.addressOf(pod.metadata.uid);
    if (host !== undefined) return { host };
    const namespace = networkNamespacePath(node.paths.pod(pod.metadata.uid).networkNamespace);
    return { host: '127.0.0.1', inside: { networkNamespacePath: namespace, busybox: node.busybox } };
  };
}
