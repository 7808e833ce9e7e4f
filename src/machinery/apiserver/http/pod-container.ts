import type { Pod } from '#api/generated/kubernetes.ts';
import { badRequest } from '../status-error.ts';

/** The container that is meant: the only one where none is named (core registry/core/pod/strategy.go LogLocation, LocationForPod). @throws ApiError 400 */
export function podContainer(pod: Pod, name: string): string {
  const regular = (pod.spec?.containers ?? []).map((container) => container.name);
  const initial = (pod.spec?.initContainers ?? []).map((container) => container.name);
  const podName = pod.metadata.name;
  if (name !== '') {
    if (regular.includes(name) || initial.includes(name)) return name;
    throw badRequest(`container ${name} is not valid for pod ${podName}`);
  }
  const [only, ...others] = regular;
  if (only !== undefined && others.length === 0) return only;
  const choice = initial.length === 0 ? '' : ` or one of the init containers: [${initial.join(' ')}]`;
  throw badRequest(`a container name must be specified for pod ${podName}, choose one of: [${regular.join(' ')}]${choice}`);
}
