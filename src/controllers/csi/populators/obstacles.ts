import type { Event, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { findCondition } from '#api/conditions.ts';
import { copyKeyOf, POPULATOR_NAMESPACE, primeKeyOf } from '#api/storage/populator.ts';
import type { Informer } from '#machinery/client/informer.ts';

/** Longer than a volume and a pod take that come on. */
const PATIENCE_MS = 10_000;
/** Reasons of a container that is about to run. */
const ON_THE_WAY: ReadonlySet<string> = new Set(['', 'ContainerCreating', 'PodInitializing']);

/** Warnings about the claims that are made while others are filled, by their names. */
export const OBSTACLE_INDEX = {
  populatorWarning: ({ type, metadata, involvedObject }: Event): readonly string[] =>
    type === 'Warning' && metadata.namespace === POPULATOR_NAMESPACE && involvedObject.name !== undefined ? [involvedObject.name] : [],
};

/** What is looked at for what keeps a filling from coming on. */
export interface ObstacleView {
  readonly warnings: Informer<Event>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly nowMs: number;
}

/** What keeps the pod that fills for the claim of `uid` from its work, in the words of who can't help it; undefined where it comes on, or has not had the time to. */
export function obstacleOf(uid: string, pod: Pod, { warnings, claims, nowMs }: ObstacleView): string | undefined {
  if (nowMs < Date.parse(pod.metadata.creationTimestamp) + PATIENCE_MS) return undefined;
  const unbound = [primeKeyOf(uid), copyKeyOf(uid)].filter((key) => claims.get(key)?.status?.phase === 'Pending');
  const warning = newest(unbound.flatMap(({ name }) => warnings.byIndex('populatorWarning', name)));
  return warning?.message ?? (unbound.length > 0 ? undefined : podObstacle(pod));
}

function podObstacle({ status = {} }: Pod): string | undefined {
  const scheduled = findCondition(status.conditions, 'PodScheduled');
  if (scheduled?.status === 'False')
    return `its pod has no node (${scheduled.message ?? ''}); where volumes lie on nodes, use a class with WaitForFirstConsumer`;
  const { reason = '', message = reason } = status.containerStatuses?.[0]?.state?.waiting ?? {};
  return ON_THE_WAY.has(reason) ? undefined : `its pod does not start: ${message}`;
}

function newest(events: readonly Event[]): Event | undefined {
  const at = (event: Event): string => event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
  return events.toSorted((a, b) => (at(a) < at(b) ? 1 : -1))[0];
}
