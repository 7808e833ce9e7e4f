import type { Pod } from '#api/generated/kubernetes.ts';
import { badRequest } from '../contract/status-error.ts';

/** The container that is meant: the only one where none is named (core registry/core/pod/strategy.go LogLocation, LocationForPod). @throws ApiError 400 */
export function podContainer(pod: Pod, name: string): string {
  const { regular, initial, ephemeral } = containerNames(pod);
  const podName = pod.metadata.name;
  if (name !== '') {
    if ([...regular, ...initial, ...ephemeral].includes(name)) return name;
    throw badRequest(`container ${name} is not valid for pod ${podName}`);
  }
  const [only, ...others] = regular;
  if (only !== undefined && others.length === 0) return only;
  const inits = initial.length === 0 ? '' : ` or one of the init containers: [${initial.join(' ')}]`;
  const choice = ephemeral.length === 0 ? inits : `${inits} or one of the ephemeral containers: [${ephemeral.join(' ')}]`;
  throw badRequest(`a container name must be specified for pod ${podName}, choose one of: [${regular.join(' ')}]${choice}`);
}

function containerNames({ spec }: Pod): Readonly<Record<'regular' | 'initial' | 'ephemeral', readonly string[]>> {
  return { regular: namesIn(spec?.containers), initial: namesIn(spec?.initContainers), ephemeral: namesIn(spec?.ephemeralContainers) };
}

function namesIn(containers: readonly { readonly name: string }[] | undefined): readonly string[] {
  return (containers ?? []).map(({ name }) => name);
}
