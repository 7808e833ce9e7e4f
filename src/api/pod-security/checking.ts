import type { Container, PodSpec, SecurityContext } from '../generated/kubernetes.ts';

/** A pod, or the template of one, as the checks see it. */
export interface CheckedPod {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

/** Why a pod may not be: in a few words, and with the names and values at fault (`''` = nothing more to say). */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** What a pod may not do; undefined where it does not. */
export type Check = (pod: CheckedPod) => Violation | undefined;

/** All containers of a pod, in the order in which they are checked. */
export function containersOf({ initContainers = [], containers, ephemeralContainers = [] }: PodSpec): readonly Container[] {
  return [...initContainers, ...containers, ...ephemeralContainers];
}

/** For example `container "a"` or `containers "a", "b"`. */
export function named(noun: string, names: readonly string[]): string {
  return `${plural(noun, names.length)} ${quoted(names)}`;
}

/** For example `"a", "b"`. */
export function quoted(items: readonly string[]): string {
  return items.map((item) => JSON.stringify(item)).join(', ');
}

/** `noun`, with an s unless there is one. */
export function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

/** Each value once, sorted. */
export function distinct(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].toSorted();
}

/** Who set a field to what it may not be: the pod, its containers, or both. */
export interface Setters {
  readonly isPodAtFault: boolean;
  readonly containers: readonly string[];
}

/** For example `pod and containers "a", "b"`; undefined where nobody did. */
export function describeSetters({ isPodAtFault, containers }: Setters): string | undefined {
  const parts = [...(isPodAtFault ? ['pod'] : []), ...(containers.length === 0 ? [] : [named('container', containers)])];
  return parts.length === 0 ? undefined : parts.join(' and ');
}

/** The names of containers of whose security context `isAtFault` is true. */
export function containersWhere(spec: PodSpec, isAtFault: (context: SecurityContext) => boolean): readonly string[] {
  return containersOf(spec)
    .filter(({ securityContext }) => isAtFault(securityContext ?? {}))
    .map(({ name }) => name);
}

/** A pod of a user namespace: some rules are looser for it. */
export function isInUserNamespace({ hostUsers }: PodSpec): boolean {
  return hostUsers === false;
}

/** A pod for Windows: rules about what Windows does not have do not apply. */
export function isForWindows({ os }: PodSpec): boolean {
  return os?.name === 'windows';
}
