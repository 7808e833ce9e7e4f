import type { Container, Pod } from '#api/generated/kubernetes.ts';
import { isInStart } from '../containers/post-start.ts';
import type { ObservedContainers } from './observed-pod.ts';
import { isSidecar } from './restart.ts';

/** True where a container runs and counts as started: its hook and its startup probe have succeeded. Pure. */
export function isStarted(container: Container, observed: ObservedContainers): boolean {
  const { latest, health } = observed.get(container.name) ?? {};
  if (latest?.state.phase !== 'running' || isInStart(container, latest)) return false;
  return health?.isStarted ?? true;
}

/** True where the pod is past its init containers: one of the others was started. Pure. */
export function hasBegunMain(pod: Pod, observed: ObservedContainers): boolean {
  return pod.spec.containers.some(({ name }) => observed.get(name)?.latest !== undefined);
}

/** True where a container runs. Pure. */
export function hasRunning(observed: ObservedContainers): boolean {
  return [...observed.values()].some(({ latest }) => latest?.state.phase === 'running');
}

/** True where nothing waits for this init container any more. Pure. */
export function isInitDone(pod: Pod, container: Container, observed: ObservedContainers): boolean {
  // why: a sidecar counts even while it restarts, once the others run
  if (isSidecar(container)) return isStarted(container, observed) || hasBegunMain(pod, observed);
  const state = observed.get(container.name)?.latest?.state;
  return state?.phase === 'exited' && state.exitCode === 0;
}
