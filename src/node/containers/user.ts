import type { Container, Pod } from '#api/generated/kubernetes.ts';
import { ContainerConfigError } from './environment.ts';

/** `process.user` of the OCI runtime specification. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

/** Who the container runs as: the container's security context, else the pod's, else root. Pure. @throws ContainerConfigError for runAsNonRoot with root */
export function planUser(pod: Pod, container: Container): ProcessUser {
  const ofPod = pod.spec.securityContext;
  const own = container.securityContext;
  const uid = own?.runAsUser ?? ofPod?.runAsUser ?? 0;
  if ((own?.runAsNonRoot ?? ofPod?.runAsNonRoot) === true && uid === 0) {
    throw new ContainerConfigError(
      `container ${container.name} has runAsNonRoot and would run as root: set securityContext.runAsUser to another user than 0`,
    );
  }
  const groups = new Set(ofPod?.supplementalGroups ?? []);
  if (ofPod?.fsGroup !== undefined) groups.add(ofPod.fsGroup);
  return { uid, gid: own?.runAsGroup ?? ofPod?.runAsGroup ?? 0, additionalGids: [...groups] };
}
