import type { Pod } from '#api/generated/kubernetes.ts';

/** `name_namespace(uid)`, as kubelet's messages name a pod. Pure. */
export function podLabel(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})`;
}
