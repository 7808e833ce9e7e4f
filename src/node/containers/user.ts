import type { Container, Pod, SecurityContext } from '#api/generated/kubernetes.ts';
import type { Image } from '../images/image.ts';
import { ContainerConfigError } from './environment.ts';

/** `process.user` of the OCI runtime specification. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

/** What decides who a container runs as. */
export interface UserInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Pick<Image, 'user'>;
  /** Groups that the image's own files put the user in; none where the pod's policy is Strict. */
  readonly imageGroups?: readonly number[];
}

/** Who the container runs as: the container's security context, else the pod's, else the image's user. Pure. @throws ContainerConfigError for runAsNonRoot with root */
export function planUser({ pod, container, image, imageGroups = [] }: UserInput): ProcessUser {
  const { runAsUser, runAsGroup, runAsNonRoot = false } = effectiveContext(pod, container);
  const uid = runAsUser ?? image.user.uid;
  // why 0: who is not the image's user is not in its group either (core/v1 SecurityContext.runAsUser)
  const gid = runAsGroup ?? (runAsUser === undefined ? image.user.gid : 0);
  if (runAsNonRoot && uid === 0) {
    throw new ContainerConfigError(
      `container ${container.name} has runAsNonRoot and would run as root: set securityContext.runAsUser to another user than 0`,
    );
  }
  const { supplementalGroups = [], fsGroup } = pod.spec.securityContext ?? {};
  const groups = new Set([...imageGroups, ...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])]);
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
