import type { Namespace } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { pods } from '#api/resources.ts';

/** What a namespace still holds of one kind. */
export interface Content {
  readonly resource: Resource;
  /** Never empty. */
  readonly objects: readonly KubeObject[];
}

/** An object to delete. */
export interface Deletion {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/** The finalizer in the spec that stands for "not empty yet" (core/v1 FinalizerKubernetes). */
export const CONTENT_FINALIZER = 'kubernetes';

/** Shortest and longest wait between two looks at what remains. */
const SHORTEST_POLL_MS = 200;
const LONGEST_POLL_MS = 10_000;

/** True for a namespace that is going and that this controller has not let go yet. */
export function isToBeEmptied(namespace: Namespace): boolean {
  return namespace.metadata.deletionTimestamp !== undefined && (namespace.spec.finalizers ?? []).includes(CONTENT_FINALIZER);
}

/**
 * What to delete next: pods first, everything else only when no pod is left,
 * so that a running program never finds the policies and secrets that bind it gone (KEP-5080, ordered namespace deletion).
 */
export function planDeletions(contents: readonly Content[]): readonly Deletion[] {
  const running = contents.filter((content) => content.resource.group === pods.group && content.resource.plural === pods.plural);
  return (running.length > 0 ? running : contents).flatMap(({ resource, objects }) =>
    objects.filter((object) => object.metadata.deletionTimestamp === undefined).map((object) => ({ resource, object })),
  );
}

/** When to look again: soon after the deletion was asked for, then ever more rarely. */
export function pollDelayMs(namespace: Namespace, nowMs: number): number {
  const deletedForMs = nowMs - Date.parse(namespace.metadata.deletionTimestamp ?? '');
  return Number.isNaN(deletedForMs) ? SHORTEST_POLL_MS : Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, deletedForMs / 8));
}

/** `persistentvolumeclaims has 2 resource instances, …`, in the order of the kinds. */
export function describeRemaining(contents: readonly Content[]): string {
  return contents.map(({ resource, objects }) => `${groupResourceOf(resource)} has ${objects.length} resource instances`).join(', ');
}

/** `kubernetes.io/pvc-protection in 2 resource instances, …`, or `''` where no finalizer holds anything. */
export function describeFinalizers(contents: readonly Content[]): string {
  const counts = new Map<string, number>();
  for (const { objects } of contents) {
    for (const { metadata } of objects)
      for (const finalizer of metadata.finalizers ?? []) counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([finalizer, count]) => `${finalizer} in ${count} resource instances`)
    .join(', ');
}
