import type { Container, Pod, SecurityContext } from '#api/generated/kubernetes.ts';
import { ContainerConfigError } from './environment.ts';

/** `process.user` of the OCI runtime specification. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

/** Who the container runs as: the container's security context, else the pod's, else root. Pure. @throws ContainerConfigError for runAsNonRoot with root */
export function planUser(pod: Pod, container: Container): ProcessUser {
  const { runAsUser: uid = 0, runAsGroup: gid = 0, runAsNonRoot = false } = effectiveContext(pod, container);
  if (runAsNonRoot && uid === 0) {
    throw new ContainerConfigError(
      `container ${container.name} has runAsNonRoot and would run as root: set securityContext.runAsUser to another user than 0`,
    );
  }
  const { supplementalGroups = [], fsGroup } = pod.spec.securityContext ?? {};
  const groups = new Set(fsGroup === undefined ? supplementalGroups : [...supplementalGroups, fsGroup]);
  return { uid, gid, additionalGids: [...groups] };
}

type UserContext = Pick<SecurityContext, 'runAsUser' | 'runAsGroup' | 'runAsNonRoot'>;

/** The container's own fields win over the pod's, one by one. */
function effectiveContext(pod: Pod, container: Container): UserContext {
  const { securityContext: own = {} } = container;
  const { securityContext: ofPod = {} } = pod.spec;
  return {
    runAsUser: own.runAsUser ?? ofPod.runAsUser,
    runAsGroup: own.runAsGroup ?? ofPod.runAsGroup,
    runAsNonRoot: own.runAsNonRoot ?? ofPod.runAsNonRoot,
  };
}
