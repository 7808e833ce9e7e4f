import type { Container, EphemeralContainer, Pod } from '#api/generated/kubernetes.ts';

/** All containers of the pod: those that come first, its own, and those that were added for a look around. Pure. */
export function allContainers({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

/** The container as one that was added for a look around; undefined where it is none. Pure. */
export function ephemeralOf({ spec }: Pod, name: string): EphemeralContainer | undefined {
  return spec.ephemeralContainers?.find((container) => container.name === name);
}
